"""The group of commands: what ``yourl`` alone, ``--help``, ``--version`` and ``--sbom`` do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from yourl import __version__
from yourl.cli.check import check
from yourl.cli.completion import completion
from yourl.cli.explain import explain
from yourl.cli.forward import forward, replay
from yourl.cli.health import health
from yourl.cli.serve import serve
from yourl.cli.tail import tail
from yourl.cli.terminal import say

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EPILOG = """
\b
Examples:
  yourl                            serve on port 8080
  yourl --port 9000 --usage work   serve on port 9000
  yourl --trusted-proxies loopback trust a proxy on this machine
  yourl check                      print the effective settings
  yourl health                     exit 0 if a server here is healthy
  yourl tail http://localhost:8080 --inbox orders --code CODE
  yourl help serve                 list every option for serving

Start the file as `python3 yourl.pyz` where these say `yourl`. Every option is also an environment
variable; `yourl check` prints their names. An option wins.
"""

SECTIONS = {
    "Serve": ("serve", "check", "health"),
    "Explain one request": ("explain",),
    "Live: what arrives at the inboxes of a running server": ("tail", "forward", "replay"),
    "Help": ("help", "version", "completion"),
}
"""Each command, in the order of ``--help``."""


class ServeByDefault(click.Group):
    """A group that runs ``serve`` where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``serve`` in front of arguments that name neither a command nor an option of the group."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        names_serve = args[0].startswith("-") and args[0] not in own if args else not ctx.resilient_parsing
        return super().parse_args(ctx, ["serve", *args] if names_serve else args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command in its section with its whole first sentence, which click would cut."""
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, _first_paragraph(self.commands[name])) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and the group's options; the options of ``serve``, too, which need no command."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            found += serve.shell_complete(click.Context(serve, parent=ctx), incomplete)
        return found


def _first_paragraph(command: click.Command) -> str:
    return (command.help or "").partition("\n\n")[0].replace("\n", " ")


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        _echo_version()
        ctx.exit()


def _print_sbom(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from yourl import sbom

        click.echo(sbom.text(), nl=False)
        ctx.exit()


def _echo_version() -> None:
    click.echo(f"yourl, version {__version__}")


@click.group(
    cls=ServeByDefault,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.option(
    "--sbom",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_sbom,
    help="Print what is bundled, as CycloneDX JSON, and exit.",
)
def cli() -> None:
    """Answer any HTTP request with what really arrived: the URL that the client asked for, who asked,
    through which proxies, from which device, and why each of these is believed.

    Without a command it serves.
    """


@cli.command(name="help")
@click.argument("command", required=False)
@click.pass_context
def show_help(ctx: click.Context, command: str | None) -> None:
    """Show what a command does and which options it takes."""
    parent = ctx.parent or ctx
    if command is None:
        click.echo(parent.get_help())
        return
    found = cli.get_command(parent, command)
    if found is None:
        raise click.UsageError(f"No such command '{command}'.")
    click.echo(found.get_help(click.Context(found, info_name=command, parent=parent)))


@cli.command()
def version() -> None:
    """Show the version."""
    _echo_version()


for _command in (serve, check, health, explain, tail, forward, replay, completion):
    cli.add_command(_command)


def run_command(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; its exit code."""
    try:
        code = cli.main(args=list(arguments), prog_name="yourl", standalone_mode=False)
    except click.UsageError as error:
        say(f"{error.format_message()} (yourl --help lists what there is)")
        return 2
    except click.ClickException as error:
        say(error.format_message())
        return 2
    except click.Abort:
        return 0
    return code if isinstance(code, int) else 0
