import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from powerloss import powerloss

# A program with a folder `d` and `sync(path)`, which ends by SIGKILL.
PROGRAM = """
import os, signal, sys
d = sys.argv[1]
def sync(path):
    fd = os.open(path, os.O_RDONLY)
    (os.fdatasync if os.path.isfile(path) else os.fsync)(fd)
    os.close(fd)
def append(path, data):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(fd, data)
    os.close(fd)
os.chdir(d)
{}
os.kill(os.getpid(), signal.SIGKILL)
"""


class PowerLossTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.library = powerloss.compile_library(Path(cls.place.name))

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name) / "disk"
        self.folder.mkdir()
        self.journal = Path(place.name) / "journal"

    def lose(self, program, ignore_sync=False, disk=None):
        """What is left by path, after a program was killed and power lost."""
        disk = disk or powerloss.Disk(self.folder, self.library, self.journal)
        process = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(program), self.folder], env=os.environ | disk.environment(ignore_sync)
        )
        self.assertEqual(process.returncode, -signal.SIGKILL)
        disk.lose_power()
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def test_what_was_synced_stays_and_what_was_written_later_goes(self):
        left = self.lose("append('a', b'one'); sync('a'); sync('.'); append('a', b'two')")
        self.assertEqual(left, {"a": b"one"})

    def test_a_file_whose_folder_was_not_synced_goes(self):
        self.assertEqual(self.lose("append('a', b'one'); sync('a')"), {})

    def test_a_file_that_was_not_synced_is_empty(self):
        self.assertEqual(self.lose("append('a', b'one'); sync('.')"), {"a": b""})

    def test_a_folder_must_be_synced_in_its_parent(self):
        program = "os.mkdir('s'); append('s/a', b'one'); sync('s/a'); sync('s')"
        self.assertEqual(self.lose(program), {})
        self.assertEqual(self.lose(program + "; sync('.')"), {"s/a": b"one"})

    def test_without_syncs_nothing_stays(self):
        self.assertEqual(self.lose("append('a', b'one'); sync('a'); sync('.')", ignore_sync=True), {})

    def test_replaced_bytes_come_back(self):
        program = """
fd = os.open('a', os.O_RDWR | os.O_CREAT)
os.pwrite(fd, b'0123456789', 0); os.fsync(fd); sync('.')
os.pwritev(fd, [b'ab', b'cd'], 2); os.fdatasync(fd)
os.pwrite(fd, b'X', 0); os.lseek(fd, 9, 0); os.writev(fd, [b'Y', b'Z']); os.pwrite(fd, b'x', 0)
"""
        self.assertEqual(self.lose(program), {"a": b"01abcd6789"})

    def test_space_made_beforehand_holds_zeros_until_a_sync(self):
        program = "fd = os.open('a', os.O_WRONLY | os.O_CREAT); os.ftruncate(fd, 8); os.fsync(fd); sync('.'); os.write(fd, b'one')"
        self.assertEqual(self.lose(program), {"a": bytes(8)})

    def test_a_shorter_file_stays_short(self):
        program = "append('a', b'0123456789'); sync('a'); sync('.'); fd = os.open('a', os.O_WRONLY); os.ftruncate(fd, 3)"
        self.assertEqual(self.lose(program), {"a": b"012"})

    def test_a_rename_is_undone_unless_its_folder_was_synced(self):
        program = "append('a', b'one'); sync('a'); sync('.'); os.rename('a', 'b')"
        self.assertEqual(self.lose(program), {"a": b"one"})
        self.assertEqual(self.lose("os.rename('a', 'b'); sync('.')"), {"b": b"one"})

    def test_a_deleted_file_stays_deleted(self):
        self.assertEqual(self.lose("append('a', b'one'); sync('a'); sync('.'); os.unlink('a')"), {})

    def test_a_new_file_does_not_inherit_from_one_that_had_its_number(self):
        program = "append('a', b'one'); sync('a'); sync('.'); os.unlink('a'); append('a', b'other'); sync('.')"
        self.assertEqual(self.lose(program), {"a": b""})

    def test_what_survived_one_loss_survives_the_next(self):
        disk = powerloss.Disk(self.folder, self.library, self.journal)
        self.lose("append('a', b'one'); sync('a'); sync('.')", disk=disk)
        self.assertEqual(self.lose("append('a', b'two')", disk=disk), {"a": b"one"})

    def test_a_sync_covers_what_was_written_before_it_began(self):
        disk = powerloss.Disk(self.folder, self.library, self.journal)
        path = self.folder / "a"
        path.write_bytes(b"0123")
        inode, name = path.stat().st_ino, b"a".hex()
        self.journal.write_text(
            f"new {inode}\nwrite {inode} 0 2 \nbegin 1 {inode} 2\nwrite {inode} 2 2 \n"
            f"begin-dir 2 {self.folder.stat().st_ino} {name}:{inode}\ndone 1\ndone 2\n"
        )
        disk.lose_power()
        self.assertEqual(path.read_bytes(), b"01")

    def test_an_older_sync_of_a_folder_that_ends_later_takes_nothing_back(self):
        disk = powerloss.Disk(self.folder, self.library, self.journal)
        (self.folder / "a").write_bytes(b"")
        entry, folder = f"{b'a'.hex()}:{(self.folder / 'a').stat().st_ino}", self.folder.stat().st_ino
        self.journal.write_text(f"begin-dir 2 {folder} {entry}\nbegin-dir 1 {folder}\ndone 2\ndone 1\n")
        disk.lose_power()
        self.assertTrue((self.folder / "a").exists())


if __name__ == "__main__":
    unittest.main()
