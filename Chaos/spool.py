"""The disk of the edges' spool: small, and filled up now and then."""

import shutil
import subprocess

DISK_MIB = 64
SPOOL_MIB = 24
FILLER = "filler"


def settings(folder):
    """The settings of an edge."""
    return {
        "PLAYHEAD_SPOOL_DIR": str(folder), "PLAYHEAD_SPOOL_MAX_MIB": str(SPOOL_MIB),
        "PLAYHEAD_STREAM_TIMEOUT_MS": "500", "PLAYHEAD_REQUEST_TIMEOUT_MS": "2000",
    }


def records(folder):
    """Files that still hold events: everything but locks and what is empty."""
    return [
        str(path.relative_to(folder)) for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != FILLER and "lock" not in path.name and path.stat().st_size
    ]


class Disk:
    """Mounted in the run's own namespace, so that it goes with it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0700", "chaos", folder], check=True)

    def fill(self, spared):
        """Leaves `spared` bytes at most; 0 for not one."""
        with open(self.folder / FILLER, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
            file.truncate(max(file.tell() - spared, 0))

    def empty(self):
        (self.folder / FILLER).unlink(missing_ok=True)

    def close(self):
        """What is left in it stays to be looked at, until the whole run is removed."""
        self.empty()
        shutil.copytree(self.folder, self.folder.with_name("spool-left"), dirs_exist_ok=True)
        subprocess.run(["umount", "--lazy", self.folder], check=True)
