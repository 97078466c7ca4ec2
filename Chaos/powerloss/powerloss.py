"""Takes away what a machine without power would have lost, after the process that wrote it was killed.

Files below a folder are cut to what was synced, replaced bytes come back, and names that no sync of their folder covered go, or
go back to what they were. What was deleted is not restored, though a disk might: a program must bear that either way.
"""

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("powerloss.c")


def compile_library(folder):
    library = folder / "powerloss.so"
    flags = "-std=gnu17 -O1 -Wall -Wextra -Werror -fPIC -shared".split()
    subprocess.run(["cc", *flags, "-o", library, SOURCE, "-ldl"], check=True)
    return library


class Disk:
    """A folder of which we know what is durable."""

    def __init__(self, folder, library, journal):
        # As the kernel names it.
        self.folder = Path(folder).resolve()
        self.library = library
        self.journal = Path(journal).resolve()
        self._begin()

    def environment(self, ignore_sync=False):
        """For the process that writes there."""
        return {
            "LD_PRELOAD": str(self.library), "POWERLOSS_DIR": str(self.folder), "POWERLOSS_JOURNAL": str(self.journal),
            "POWERLOSS_IGNORE_SYNC": "1" if ignore_sync else "0",
        }

    def _begin(self):
        """What is there now is durable."""
        self.journal.write_bytes(b"")
        self.lengths = {}
        self.names = {}
        # Of each folder, the number of the sync that its names come from: a list may be noted after a newer one.
        self.listed = {}
        for path in [self.folder, *self.folder.rglob("*")]:
            status = path.stat()
            if path.is_dir():
                self.names[status.st_ino] = {entry.name: entry.inode() for entry in os.scandir(path)}
            else:
                self.lengths[status.st_ino] = status.st_size

    def lose_power(self):
        """Call it when the process is dead. Returns how many bytes and names were lost."""
        pending = self._replay()
        lost = self._lose_names(self.folder), self._lose_bytes(pending)
        self._begin()
        return lost[1], lost[0]

    def _replay(self):
        """Reads the journal. Returns what was written to each file after its last sync: (line, offset, replaced bytes)."""
        pending, begun = {}, {}
        for number, line in enumerate(self.journal.read_text().split("\n")[:-1]):
            kind, *words = line.split(" ")
            if kind == "begin":
                begun[words[0]] = number, int(words[1]), int(words[2])
            elif kind == "begin-dir":
                pairs = (word.split(":") for word in words[2:])
                names = {bytes.fromhex(name).decode(): int(inode) for name, inode in pairs}
                begun[words[0]] = number, int(words[1]), (names, int(words[0]))
            elif kind == "done":
                self._make_durable(pending, *begun.pop(words[0]))
            elif kind == "write":
                pending.setdefault(int(words[0]), []).append((number, int(words[1]), bytes.fromhex(words[3])))
            elif kind == "truncate":
                self.lengths[int(words[0])] = min(self.lengths.get(int(words[0]), 0), int(words[1]))
            elif kind == "new":
                self._forget(int(words[0]))
                pending.pop(int(words[0]), None)
        return pending

    def _make_durable(self, pending, began, inode, extent):
        """What a sync covered: names of a folder, or a length and the writes before it. Syncs may overlap."""
        if isinstance(extent, tuple):
            names, turn = extent
            if turn > self.listed.get(inode, 0):
                self.names[inode], self.listed[inode] = names, turn
        else:
            self.lengths[inode] = max(self.lengths.get(inode, 0), extent)
            pending[inode] = [write for write in pending.get(inode, []) if write[0] > began]

    def _forget(self, inode):
        """A new file may have the number of one that is gone."""
        self.lengths[inode] = 0
        for folder, names in self.names.items():
            self.names[folder] = {name: other for name, other in names.items() if other != inode}

    def _lose_names(self, folder):
        durable = self.names.get(folder.stat().st_ino, {})
        lost = 0
        for entry in list(os.scandir(folder)):
            path = folder / entry.name
            if durable.get(entry.name) == entry.inode():
                lost += self._lose_names(path) if entry.is_dir(follow_symlinks=False) else 0
                continue
            lost += 1
            before = next((name for name, inode in durable.items() if inode == entry.inode()), None)
            if before and not (folder / before).exists():
                path.rename(folder / before)
            elif entry.is_dir(follow_symlinks=False):
                shutil.rmtree(path)
            else:
                path.unlink()
        return lost

    def _lose_bytes(self, pending):
        lost = 0
        for path in self.folder.rglob("*"):
            if not path.is_file():
                continue
            status = path.stat()
            durable = min(self.lengths.get(status.st_ino, 0), status.st_size)
            lost += status.st_size - durable
            with open(path, "r+b") as file:
                for _, offset, replaced in reversed(pending.get(status.st_ino, [])):
                    file.seek(offset)
                    file.write(replaced)
                    lost += len(replaced)
                file.truncate(durable)
        return lost
