"""Namespaces of its own for a run: when its first process is gone, so is every process and every mount of it.

The kernel sees to that, however the run ends: pid_namespaces(7), mount_namespaces(7), unshare(1). A loopback of its own
besides, so that nobody takes the port of what is down.
"""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys

INSIDE = "CHAOS_INSIDE"
# For stopping the services and servers in order; then the kernel is asked to.
CLEAN_UP_SECONDS = 60


def rerun():
    """Runs this program again inside. Its exit status, 1 after a signal."""
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid():
        # Root of nothing but these namespaces: it may mount in them, and stays who it is.
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


def raise_loopback():
    """A new network namespace has it, but down: netdevice(7)."""
    SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = struct.unpack("16sH", fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))[:18])
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | IFF_UP))
