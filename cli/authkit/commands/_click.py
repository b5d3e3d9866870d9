"""The same command lines through click: help, completion, and every mistake in words."""

import os

import click

from authkit import registry
from authkit.commands import _quick
from authkit.errors import UsageError
from authkit.ui import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

KINDS: "dict[str, dict[str, object]]" = {
    "flag": {"is_flag": True},
    "text": {"type": str},
    "int": {"type": int},
    "many": {"type": str, "multiple": True},
    "file": {"type": str},
    "files": {"type": str, "multiple": True},
}


class Helped(click.Command):
    """What shows its help as every other result is shown."""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        option = super().get_help_option(ctx)
        assert option is not None  # every command has one
        option.callback = show_help
        return option


class Command(Helped):
    """A command made of option rows."""

    def __init__(self, name: str, module: "ModuleType") -> None:
        self.module = module
        rows = _quick.rows_of(module, [])
        super().__init__(
            name.split(" ")[-1],
            params=[parameter(row) for row in rows],
            help=layout(module.__doc__ or ""),
            short_help=registry.COMMANDS[name][1],
            callback=callback(module),
            context_settings={"help_option_names": ["--help"], "max_content_width": 100},
        )

    def parse_args(self, ctx: click.Context, args: "list[str]") -> "list[str]":
        if hasattr(self.module, "SCHEME_OPTIONS"):
            self.params = [parameter(row) for row in _quick.rows_of(self.module, args)]
        return super().parse_args(ctx, _quick.split_tail(self.module, args))


class Group(Helped, click.Group):
    """Commands that are imported when they are needed."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix or "authkit", help="Credentials, offline subkeys and signed requests.")
        self.prefix = f"{prefix} " if prefix else ""

    def list_commands(self, ctx: click.Context) -> "list[str]":
        names = [name[len(self.prefix) :] for name in registry.COMMANDS if name.startswith(self.prefix)]
        return list(dict.fromkeys([name.split(" ")[0] for name in names]))

    def resolve_command(
        self, ctx: click.Context, args: "list[str]"
    ) -> "tuple[str | None, click.Command | None, list[str]]":
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise unknown_command(args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> "click.Command | None":
        name = self.prefix + cmd_name
        if name in registry.COMMANDS:
            return Command(name, registry.load_command(name))
        if any(one.startswith(f"{name} ") for one in registry.COMMANDS):
            return Group(name)
        return None


def unknown_command(word: str, names: "list[str]") -> UsageError:
    """Return the error for a command that is none, with a hint at those that may have been meant."""
    from difflib import get_close_matches

    alike = [name for name in names if name.startswith(word)] or get_close_matches(word, names, 1)
    return UsageError(
        f"no such command {word!r}",
        f"did you mean {' or '.join(sorted(alike)[:5])}?" if alike else "authkit --help lists them",
    )


def show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Write the help and end, if it was asked for."""
    if value and not ctx.resilient_parsing:
        render.write(ctx.get_help() + "\n")
        ctx.exit()


def layout(text: str) -> str:
    """Return a docstring whose indented parts keep their lines; click joins those of all others."""
    return "\n\n".join([f"\b\n{part}" if part.startswith("  ") else part for part in text.split("\n\n")])


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
    if name == "--scheme" and kind == "text":
        from authkit.commands import _schemes

        return click.Option(
            [*typed, destination],
            metavar=metavar,
            default=default,
            help=text,
            shell_complete=_completer(_schemes.names()),
        )
    if kind.startswith("choice:"):
        choices = click.Choice(kind[7:].split("|"))
        shown = metavar if len(kind) > 80 else None  # what fits no line of a terminal is named by the page
        return click.Option([*typed, destination], type=choices, metavar=shown, default=default, help=text)
    return click.Option([*typed, destination], metavar=metavar or None, default=default, help=text, **KINDS[kind])  # type: ignore[arg-type]


def _completer(names: "list[str]") -> "Callable[[click.Context, click.Parameter, str], list[str]]":
    return lambda ctx, param, incomplete: [name for name in names if name.startswith(incomplete)]


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
    if os.environ.get("_AUTHKIT_COMPLETE"):
        group.main(args=words, prog_name="authkit", complete_var="_AUTHKIT_COMPLETE")
    try:
        code = group.main(args=words, prog_name="authkit", standalone_mode=False)
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else f"authkit {_quick.find_command(words)}"
        alike = getattr(error, "possibilities", None)
        name = _quick.find_command(words)
        if isinstance(error, click.NoSuchOption) and name is not None:
            from authkit.commands import _schemes

            _schemes.refuse_another(error.option_name, registry.load_command(name))
        message = (error.message if alike else error.format_message()).rstrip(".").split("\n")[0]
        hint = f"did you mean {alike[0]}?" if alike else f"'{path} --help' shows how it is used"
        raise UsageError(message[:1].lower() + message[1:], hint) from error
    return code if isinstance(code, int) else 0
