"""Namespaces of its own for a run: when its first process is gone, so is every process and every mount of it.

The kernel sees to that, however the run ends: pid_namespaces(7), mount_namespaces(7), unshare(1).
"""

import os
import signal
import subprocess
import sys

INSIDE = "CHAOS_INSIDE"
# For stopping the services and servers in order; then the kernel is asked to.
CLEAN_UP_SECONDS = 60


def rerun():
    """Runs this program again inside. Its exit status, 1 after a signal."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid():
        # Root of nothing but these namespaces: it may mount a tmpfs, and stays who it is.
        command += ["--user", "--map-current-user", "--keep-caps"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode:
        sys.exit("chaos: this machine lets nobody but root make namespaces, or not even root: see Chaos/README.md")
    # Its standard input ends with us: this is how it learns that it should end.
    process = subprocess.Popen(
        [*command, sys.executable, *sys.argv], stdin=subprocess.PIPE, env=os.environ | {INSIDE: "1"}, start_new_session=True
    )

    def end(number, _):
        process.stdin.close()
        try:
            process.wait(CLEAN_UP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    return process.wait()
