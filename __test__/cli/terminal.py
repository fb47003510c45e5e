"""Runs a command in a terminal of its own, and presses Ctrl-C when it has shown something.

Usage: terminal.py TEXT[,TEXT...] COMMAND...
Prints, as JSON, what the command showed and its exit code. Ctrl-C is pressed once for each TEXT, as
soon as that has been shown.
"""
import fcntl
import json
import os
import pty
import struct
import sys
import termios

texts = [text for text in sys.argv[1].split(",") if text]
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
shown = b""
seen = 0
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # The other end is closed.
        break
    if not chunk:
        break
    shown += chunk
    if texts and texts[0].encode() in shown[seen:]:
        seen = len(shown)
        texts.pop(0)
        os.write(terminal, b"\x03")
_, status = os.waitpid(child, 0)
print(json.dumps({"shown": shown.decode(errors="replace"), "code": os.waitstatus_to_exitcode(status)}))
