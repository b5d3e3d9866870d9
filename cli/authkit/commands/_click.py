"""The same command lines through click: help, completion, and every mistake in words."""

import os

import click

from authkit import registry
from authkit.commands import _quick
from authkit.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

KINDS: "dict[str, dict[str, object]]" = {
    "flag": {"is_flag": True},
    "text": {"type": str},
    "int": {"type": int},
    "many": {"type": str, "multiple": True},
}


class Command(click.Command):
    """A command made of option rows."""

    def __init__(self, name: str, module: "ModuleType") -> None:
        self.module = module
        rows = _quick.rows_of(module, [])
        super().__init__(
            name.split(" ")[-1],
            params=[parameter(row) for row in rows],
            help=module.__doc__,
            short_help=registry.COMMANDS[name][1],
            callback=callback(module),
            context_settings={"help_option_names": ["--help"], "max_content_width": 100},
        )

    def parse_args(self, ctx: click.Context, args: "list[str]") -> "list[str]":
        return super().parse_args(ctx, _quick.split_tail(self.module, args))


class Group(click.Group):
    """Commands that are imported when they are needed."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix or "authkit", help="Credentials, offline subkeys and signed requests.")
        self.prefix = f"{prefix} " if prefix else ""

    def list_commands(self, ctx: click.Context) -> "list[str]":
        names = [name[len(self.prefix) :] for name in registry.COMMANDS if name.startswith(self.prefix)]
        return list(dict.fromkeys([name.split(" ")[0] for name in names]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> "click.Command | None":
        name = self.prefix + cmd_name
        if name in registry.COMMANDS:
            return Command(name, registry.load_command(name))
        if any(one.startswith(f"{name} ") for one in registry.COMMANDS):
            return Group(name)
        return None


def parameter(row: "_quick.Row") -> click.Parameter:
    """Return click's parameter for an option row."""
    name, kind, metavar, text, default = row
    if not name.startswith("-"):
        return click.Argument(
            [_quick.attribute(name)],
            required=kind == "argument",
            nargs=-1 if kind == "rest" else 1,
            metavar=metavar or name,
        )
    destination, typed = _quick.attribute(name), name.split("|")
    if kind == "switch":
        return click.Option([f"{name}/--no-{name[2:]}", destination], default=default, help=text, is_flag=True)
    if kind.startswith("choice:"):
        choices = click.Choice(kind[7:].split("|"))
        return click.Option([*typed, destination], type=choices, default=default, help=text)
    return click.Option([*typed, destination], metavar=metavar or None, default=default, help=text, **KINDS[kind])  # type: ignore[arg-type]


def callback(module: "ModuleType") -> "Callable[..., int]":
    """Return the function that click calls with the parsed values."""

    def call(**values: object) -> int:
        return int(module.run(_quick.Given(values)) or 0)

    return call


def run(words: "list[str]") -> int:
    """Run a command line through click.

    Raises:
        UsageError: for every mistake that click finds, in one line.
    """
    group = Group()
    try:
        if "_AUTHKIT_COMPLETE" in os.environ:
            group.main(args=words, prog_name="authkit", complete_var="_AUTHKIT_COMPLETE")
        code = group.main(args=words, prog_name="authkit", standalone_mode=False)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.exceptions.NoArgsIsHelpError as error:
        raise UsageError("a command is missing", f"'{error.ctx.command_path if error.ctx else 'authkit'} --help' lists them") from error
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "authkit"
        message = error.format_message().rstrip(".").split("\n")[0]
        raise UsageError(message[:1].lower() + message[1:], f"'{path} --help' shows how it is used") from error
    return code if isinstance(code, int) else 0


