"""The main job, end to end: from a master secret to a request that a server without secrets accepts.

Prints each command it runs and the real output, in a throwaway folder; exits 1 if anything is not as it should be.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Unexpected(Exception):
    """A command did not do what the story says."""


class Shell:
    """Runs the story's commands in one folder, and shows them.

    Args:
        folder: where they run; also their home.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self.environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}

    def run(self, line: str, *, code: int = 0, says: str = "") -> str:
        """Show and run one command line; return its stdout.

        Raises:
            Unexpected: if the exit code is not *code*, or *says* is not in the output.
        """
        print(f"\n$ {line}", flush=True)
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        for stream in (done.stdout, done.stderr):
            if stream:
                print(stream.removesuffix("\n"), flush=True)
        if code:
            print(f"[exit {done.returncode}]", flush=True)
        if done.returncode != code:
            raise Unexpected(f"exit {done.returncode}, expected {code}: {line}")
        if says not in done.stdout + done.stderr:
            raise Unexpected(f"{says!r} is not in the output of: {line}")
        return done.stdout


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


def start_server(folder: Path, environment: dict[str, str]) -> "tuple[subprocess.Popen[str], str]":
    """Start the verifying server on its own subkey file; return it and its URL."""
    words = [sys.executable, str(HERE / "server.py"), str(folder / "server.subkeys")]
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    if not port:
        raise Unexpected("the server did not start")
    return server, f"http://127.0.0.1:{port}"


def make_keys(shell: Shell, yesterday: datetime) -> None:
    say("On a machine that is never online: an access key, the master.")
    shell.run("authkit keygen --use derive --no-passphrase -o master.json")
    say("From it, a key good for today, one region and one service; that is all the client carries.")
    shell.run("authkit derive-subkey --key file:master.json --scope us-east-1/notes -o client.subkeys")
    say("The server gets the keys of its own region and service: yesterday, today and tomorrow, since clocks differ.")
    shell.run(
        "authkit derive-subkey --key file:master.json --scope us-east-1/notes "
        f"--date {yesterday:%F} --days 3 -o server.subkeys"
    )
    say("One for another region and one of yesterday, to see them refused later. Then the master goes away.")
    shell.run("authkit derive-subkey --key file:master.json --scope eu-west-1/notes -o elsewhere.subkeys")
    shell.run(
        "authkit derive-subkey --key file:master.json --scope us-east-1/notes "
        f"--date {yesterday:%F} -o yesterday.subkeys"
    )
    shell.run("rm master.json && ls -l")
    say("What is in a subkey file?")
    shell.run("authkit inspect-subkey client.subkeys", says="us-east-1")


def send(shell: Shell, url: str, yesterday: datetime) -> None:
    say("Sign what curl would send, with the subkey alone, and send it with the real curl.")
    request = f"{url}/notes/1 -d text=hello"
    shell.run(f"authkit sign curl --key file:client.subkeys --run -- curl -sS {request}", says="accepted")
    say("Without --run the signed command is printed, to look at, keep, or paste.")
    printed = shell.run(
        f"authkit sign curl --key file:client.subkeys -- curl -sS {request}", says="Authorization"
    ).strip()
    shell.folder.joinpath("signed.sh").write_text(printed + "\n")
    shell.run("sh signed.sh", says="accepted")
    say("The same command with another body, or sent to another path, is refused.")
    shell.run("sed s/text=hello/text=hacked/ signed.sh | sh", says="signature-mismatch")
    shell.run("sed s,/notes/1,/notes/2, signed.sh | sh", says="signature-mismatch")
    say("A key of another region signs, and the server has no use for it.")
    foreign = f"authkit sign curl --key file:elsewhere.subkeys --run -- curl -sS {request}"
    shell.run(foreign, says="subkey-out-of-scope")
    say("A key of yesterday does not sign today; what it signed yesterday has expired.")
    shell.run(f"authkit sign curl --key file:yesterday.subkeys --run -- curl -sS {request}", code=5)
    late = f"authkit sign curl --key file:yesterday.subkeys --at {yesterday:%FT%TZ} --run -- curl -sS {request}"
    shell.run(late, says='"expired"')


def explain(shell: Shell) -> None:
    say("Why is a signature what it is? Every stage, by the specification's own names; safe to paste.")
    shell.run("authkit inspect-signature signed.sh", says="canonical-request")
    say("Off line: is this message valid, and what does the signature not cover?")
    shell.folder.joinpath("request.http").write_text(
        "POST /notes/1?draft=yes HTTP/1.1\nHost: notes.example\nUser-Agent: demo\n\ntext=hello"
    )
    shell.run(
        "authkit sign http request.http --key file:client.subkeys >signed.http && cat signed.http", says="Authorization"
    )
    shell.run("authkit verify-signature signed.http --key file:server.subkeys", says="user-agent")
    shell.run(
        "sed s/draft=yes/draft=no/ signed.http | authkit verify-signature - --key file:server.subkeys",
        code=1,
        says="signature-mismatch",
    )


def wait_for_the_day() -> None:
    """Let midnight UTC pass if it is near: a key of today is none of tomorrow."""
    now = datetime.now(timezone.utc)
    if now.hour == 23 and now.minute == 59 and now.second >= 30:
        say("It is a few seconds to midnight UTC; waiting for the new day.")
        time.sleep(61 - now.second)


def main() -> int:
    wait_for_the_day()
    folder = Path(tempfile.mkdtemp(prefix="authkit-demo-"))
    server = None
    try:
        shell, yesterday = Shell(folder), datetime.now(timezone.utc) - timedelta(days=1)
        make_keys(shell, yesterday)
        say("The server starts; it holds server.subkeys and nothing else.")
        server, url = start_server(folder, shell.environment)
        send(shell, url, yesterday)
        explain(shell)
        say("Done: signed by a key good for one day, region and service; accepted by a server that holds no secret.")
        return 0
    except Unexpected as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.terminate()
            server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
