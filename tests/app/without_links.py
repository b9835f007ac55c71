"""Runs a command on a machine whose file systems have no hard links: the kernel refuses them (seccomp).

`python without_links.py COMMAND …`. exFAT and some network shares say the same, EPERM.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

LINKS = {"x86_64": (86, 265), "aarch64": (37, 37)}
"""The numbers of link and linkat."""
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
REFUSE, ALLOW = 0x00050000 | errno.EPERM, 0x7FFF0000


class Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("k", ctypes.c_uint))


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(Step)))


def refuse_links() -> None:
    """From now on, for this process and what it becomes. Raises OSError or KeyError where that cannot be."""
    link, linkat = LINKS[platform.machine()]
    steps = (Step * 5)(
        Step(LOAD, 0, 0, 0),
        Step(IF_EQUAL, 1, 0, link),
        Step(IF_EQUAL, 0, 1, linkat),
        Step(RETURN, 0, 0, REFUSE),
        Step(RETURN, 0, 0, ALLOW),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(SECCOMP, FILTER, ctypes.byref(Program(5, steps)), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    refuse_links()
    os.execvp(sys.argv[1], sys.argv[1:])
