"""What does a person answer?"""

import os

from authkit.errors import Refused, UsageError


def ask_secret(prompt: str, instead: str, what: str = "passphrase") -> bytes:
    """Ask on the terminal, without echo.

    Args:
        prompt: ends without a space.
        instead: what to do where there is no terminal, for the hint.
        what: is asked for.

    Returns:
        the line as bytes, without its end.

    Raises:
        Refused: if there is no terminal to ask on, or no answer was given.
    """
    import termios

    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise Refused(f"there is no terminal to ask for a {what}", instead) from error
    try:
        before = termios.tcgetattr(terminal)
        silent = termios.tcgetattr(terminal)
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
        try:
            os.write(terminal, f"{prompt} ".encode())
            answer = _read_line(terminal)
        finally:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            os.write(terminal, b"\n")
    finally:
        os.close(terminal)
    if not answer:
        raise Refused(f"no {what} was given", instead)
    return answer


def tell(text: str) -> bool:
    """Show a line on the terminal alone, never in a pipe; return whether there is a terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        os.write(terminal, f"{text}\n".encode())
    finally:
        os.close(terminal)
    return True


def confirm_typed(prompt: str, expected: str, instead: str) -> None:
    """Ask a person to type *expected*.

    Raises:
        UsageError: if there is no terminal to ask on.
        Refused: if something else was typed.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise UsageError("there is no terminal to confirm on", instead) from error
    try:
        os.write(terminal, f"{prompt} ".encode())
        answer = _read_line(terminal)
    finally:
        os.close(terminal)
    if answer.decode("utf-8", "replace") != expected:
        raise Refused("not confirmed")


def ask_line(prompt: str, instead: str) -> str:
    """Ask on the terminal for a line that may be secret; it is seen while it is typed, and wiped off then.

    Args:
        prompt: ends without a space.
        instead: what to do where there is no terminal, for the hint.

    Returns:
        the line, without its end; may be empty.

    Raises:
        UsageError: if there is no terminal to ask on.
        Refused: if the input ends.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise UsageError("there is no terminal to type it on", instead) from error
    try:
        os.write(terminal, f"{prompt} ".encode())
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(terminal, 4096)
            if not piece:
                raise Refused("the input ended before all was typed", instead)
            line += piece
        answer = line.rstrip(b"\r\n").decode("utf-8", "replace")
        columns = os.get_terminal_size(terminal).columns or 80  # a serial line does not know
        rows = (len(prompt) + 1 + len(answer)) // columns + 1
        os.write(terminal, f"\x1b[{rows}A\r\x1b[J".encode())
    finally:
        os.close(terminal)
    return answer


def _read_line(terminal: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(terminal, 4096)
        if not piece:
            break
        line += piece
    return line.rstrip(b"\r\n")
