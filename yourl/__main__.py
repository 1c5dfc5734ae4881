"""The command line: options and environment in, an exit code out.

0: ended as asked. 1: ``health`` found no healthy server. 2: a setting, an option or an address is wrong.
Imports a server only when it is about to start one.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import click

from yourl import __version__
from yourl.context import RequestContext
from yourl.errors import BadRequest, SettingsError
from yourl.explain import device_text, terminal_text, written_request
from yourl.inspection import inspect, machine_name
from yourl.proxies import Connection
from yourl.representation import inspection_document, to_json
from yourl.settings import SETTINGS, Settings, load, mask, text_of, unknown_names

Function = TypeVar("Function", bound=Callable[..., Any])

EPILOG = """
\b
Examples:
  python yourl.pyz                            serve on port 8080
  python yourl.pyz --port 9000 --usage work   serve on port 9000
  python yourl.pyz --trusted-proxies loopback believe a proxy on this machine
  python yourl.pyz check                      print the settings that would count
  python yourl.pyz health                     exit 0 if a server here is healthy

Every option is also an environment variable; `check` prints their names. An option wins.
"""


class ServeByDefault(click.Group):
    """A group whose first argument may be left out: then it is ``serve``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``serve`` in front of arguments that name neither a command nor an option of the group."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or (args[0] not in self.commands and args[0] not in own and args[0].startswith("-")):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


def setting_options(function: Function) -> Function:
    """Give a command one option for each setting, under the setting's own name."""
    for setting in reversed(SETTINGS):
        names = [setting.option, *(["--workers"] if setting.name == "WEB_CONCURRENCY" else [])]
        text = f"{setting.help} [{setting.name}{f'; {setting.default}' if setting.default else ''}]"
        function = click.option(*names, setting.name, metavar=setting.metavar, help=text)(function)
    return function


@click.group(
    cls=ServeByDefault,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="yourl")
@click.option(
    "--sbom",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, wanted: _print_sbom(context, wanted),
)
def cli() -> None:
    """Answer any HTTP request with what really arrived: the URL that the client asked for, who asked,
    through which proxies, from which device, and why each of these is believed.

    Without a command it serves; `yourl.pyz serve --help` lists the options for that.
    """


def _print_sbom(ctx: click.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from yourl import sbom

        click.echo(sbom.text(), nl=False)
        ctx.exit()


@cli.command()
@setting_options
@click.option(
    "--server",
    type=click.Choice(["auto", "gunicorn", "flask"]),
    default="auto",
    help="gunicorn, or Flask's own server; auto takes Gunicorn wherever it can run",
)
def serve(server: str, **options: str | None) -> int:
    """Serve until Ctrl-C or SIGTERM; this is what runs without a command."""
    open_closed_streams()
    adopt(options)
    settings = load(os.environ)
    # Workers and a re-executed master inherit it: one id for the whole run.
    os.environ["YOURL_SESSION_ID"] = settings.session_id
    if os.environ.pop("FLASK_DEBUG", ""):
        say("FLASK_DEBUG is ignored: every run of yourl is a production run.")
    for sentence in unknown_names(os.environ):
        say(sentence)
    if server != "flask":
        reason = why_gunicorn_cannot_run()
        if reason is None:
            return serve_with_gunicorn(settings)
        if server == "gunicorn":
            say(f"Gunicorn cannot run here: {reason}")
            return 2
        say(f"Gunicorn cannot run here ({reason}); Flask's own server takes its place.")
    return serve_with_flask(settings)


def open_closed_streams() -> None:
    """Give input, output and errors somewhere to go where the parent closed them.

    Else the first socket takes their descriptor, and whatever is printed goes to a client.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w" if descriptor else "r", encoding="utf-8")  # noqa: PTH123, SIM115
            if stream.fileno() != descriptor:
                os.dup2(stream.fileno(), descriptor)
            setattr(sys, name, stream)


def forget_what_cannot_be_written() -> None:
    """Let no line that nobody can take change the exit code: to Python a failed last flush is a 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def adopt(options: Mapping[str, str | None]) -> None:
    """Put the options that were given into the environment, where they win and workers find them."""
    os.environ.update({name: text for name, text in options.items() if text is not None})


def why_gunicorn_cannot_run() -> str | None:
    """One phrase, or None where it can."""
    try:
        import gunicorn.arbiter  # noqa: F401  # needs fcntl, which Windows lacks
    except ImportError as error:
        return str(error)
    return None if hasattr(os, "fork") else "this system has no fork"


def serve_with_gunicorn(settings: Settings) -> int:
    """Run Gunicorn's master in this process; 2 when an address or a setting stands in the way."""
    from yourl.server.application import BadConfiguration, YourlApplication
    from yourl.server.ports import CannotListen

    try:
        YourlApplication(settings).run()
    except (BadConfiguration, CannotListen) as error:
        say(str(error))
        return 2
    finally:
        forget_what_cannot_be_written()  # in the master, and in each worker
    return 0


def serve_with_flask(settings: Settings) -> int:
    """Run Flask's own server in this process; 2 when its address cannot be had."""
    from yourl.app import create_app
    from yourl.drain import is_draining
    from yourl.server.flask_server import serve as serve_flask
    from yourl.server.ports import CannotListen

    try:
        serve_flask(create_app(settings, is_draining), settings)
    except CannotListen as error:
        say(str(error))
        return 2
    return 0


@cli.command()
@click.option("--url", help="what to ask; /health on HOST and PORT of the settings if not given")
@click.option("--timeout", type=click.FloatRange(0.1, 300), default=3.0, show_default=True, help="seconds")
def health(url: str | None, timeout: float) -> int:
    """Ask a running server whether it is healthy: exit code 0 if so, else 1."""
    target = url or own_health_url(load(os.environ))
    problem = why_unhealthy(target, timeout)
    if problem is None:
        click.echo(f"healthy: {target}")
        return 0
    say(f"not healthy: {target}: {problem}")
    return 1


def own_health_url(settings: Settings) -> str:
    """Where a server started with the same settings answers /health on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/health"


def why_unhealthy(url: str, timeout: float) -> str | None:
    """One phrase, or None where the URL answers 200. Proxy settings of the environment are not used."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "that is no http or https URL"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=timeout)
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
        connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return None if status == 200 else f"it answered {status}"


@cli.command()
@setting_options
def check(**options: str | None) -> int:
    """Print the settings that would count, secrets masked; exit code 2 if one is wrong."""
    adopt(options)
    load(os.environ)
    width = max(len(setting.name) for setting in SETTINGS)
    for setting in SETTINGS:
        text = text_of(setting, os.environ)
        shown = mask(text) if setting.secret else text
        origin = "set" if os.environ.get(setting.name) else "default"
        click.echo(f"{setting.name:<{width}}  {shown or '-':<28} ({origin}) {setting.help}".rstrip())
    for sentence in unknown_names(os.environ):
        say(sentence)
    return 0


@cli.command()
@click.argument("source", metavar="[FILE|-]", type=click.File("rb"), default="-")
@click.option("--peer", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="who connected to us")
@click.option("--trusted-proxies", "YOURL_TRUSTED_PROXIES", metavar="LIST", help="as for serve")
@click.option("--allowed-hosts", "YOURL_ALLOWED_HOSTS", metavar="LIST", help="as for serve")
@click.option("--tls", is_flag=True, help="the request reached us by TLS that we ended ourselves")
@click.option("--user-agent", metavar="TEXT", help="explain this user agent instead: class, evidence, guard")
@click.option("--json", "as_json", is_flag=True, help="the whole inspection as JSON")
def explain(
    source: IO[bytes], peer: str, tls: bool, user_agent: str | None, as_json: bool, **options: str | None
) -> int:
    """Say of a request that was written down what serving it would have said.

    FILE holds a request head (with or without a body), or what `curl -v` printed; - is standard input.
    """
    adopt(options)
    settings = load(os.environ)
    if user_agent is not None:
        content = f"GET / HTTP/1.1\nUser-Agent: {user_agent}".encode("latin-1", "replace")
    else:
        content = source.read()
    document = explained(content, settings, peer=peer, scheme="https" if tls else "http")
    if as_json:
        click.echo(to_json(document), nl=False)
    else:
        click.echo(device_text(document) if user_agent is not None else terminal_text(document).rstrip())
    return 0


def explained(content: bytes, settings: Settings, *, peer: str, scheme: str) -> dict[str, Any]:
    """The inspection of a request that was written down, under the given settings."""
    head, body = written_request(content)
    context = RequestContext(head, Connection(peer, None, "", None, scheme), settings)
    inspection = inspect(head, body, context.connection, verdict=context.verdict, device=context.device)
    return inspection_document(
        inspection,
        context.decision,
        session_id=settings.session_id,
        organization=settings.organization,
        guard_enabled=settings.guard.enabled,
        machine=machine_name(),
    )


def say(sentence: str) -> None:
    """One line for people, on stderr."""
    click.echo(f"yourl: {sentence}", err=True)


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is returned, or raised as ``SystemExit`` by Gunicorn and click."""
    try:
        code = cli.main(args=argv, prog_name="yourl", standalone_mode=False)
    except SettingsError as error:
        for fault in error.faults:
            say(fault)
        return 2
    except BadRequest as error:
        say(str(error))
        return 2
    except click.ClickException as error:
        say(f"{error.format_message()} (yourl --help lists what there is)")
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 0
    except BrokenPipeError:
        return 0
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
