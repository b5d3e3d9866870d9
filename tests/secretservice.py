"""A Secret Service of our own: a bus, gnome-keyring and a home that end with the test."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

TOOLS = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool")


class SecretService:
    """A running service.

    Attributes:
        environment: what a program needs to reach it, and nothing of the user's.
    """

    def __init__(self, *, daemon: bool = True) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ak-"))  # short, because a socket's path has 107 bytes
        for name in ("home", "run"):
            (self._folder / name).mkdir(mode=0o700)
        home = str(self._folder / "home")
        hidden = ("DISPLAY", "WAYLAND_DISPLAY")
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        self.environment = {
            **kept,
            "HOME": home,
            "XDG_DATA_HOME": f"{home}/share",
            "XDG_CONFIG_HOME": f"{home}/config",
            "XDG_CACHE_HOME": f"{home}/cache",
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
        }
        self._children: list[subprocess.Popen[bytes]] = []
        command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        bus = self._start(command, stdin=subprocess.DEVNULL)
        assert bus.stdout is not None
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        if daemon:
            self._start_keyring()

    def _start(self, command: list[str], stdin: int) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            command, env=self.environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._children.append(child)
        return child

    def _start_keyring(self) -> None:
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        self.keyring = self._start(command, stdin=subprocess.PIPE)
        assert self.keyring.stdin is not None
        self.keyring.stdin.write(b"test")
        self.keyring.stdin.close()
        command = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus"]
        ask = [*command, "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]
        for _ in range(2000):
            done = subprocess.run(ask, env=self.environment, capture_output=True, check=False)
            if b"true" in done.stdout:
                return
        raise AssertionError("gnome-keyring-daemon does not come up")

    def run(self, command: list[str], **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a program next to the service, with *settings* added to its environment."""
        environment = {**self.environment, **settings}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=50)

    def stop_answering(self) -> None:
        """Let the keyring hang, as one does that asks for a passphrase on a screen nobody looks at."""
        self.keyring.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        for child in reversed(self._children):
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()
        shutil.rmtree(self._folder)
