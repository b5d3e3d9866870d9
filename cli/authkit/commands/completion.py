"""Print the completion script of a shell.

bash runs it from ~/.bashrc, as in the example.  zsh reads it from a file _authkit in a folder of its fpath, fish from
~/.config/fish/completions/authkit.fish.

Examples:

  $ eval "$(authkit completion bash)"
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authkit.commands._quick import Given

OPTIONS = (("SHELL", "argument", "bash|zsh|fish", "the shell", None),)


def run(given: "Given") -> None:
    from click.shell_completion import get_completion_class

    from authkit.commands._click import Group
    from authkit.errors import UsageError
    from authkit.ui import render

    if given.shell not in ("bash", "zsh", "fish"):
        raise UsageError(f"{given.shell!r} is not a shell that authkit completes for", "write bash, zsh or fish")
    found = get_completion_class(given.shell)
    assert found is not None
    render.write(found(Group(), {}, "authkit", "_AUTHKIT_COMPLETE").source())
