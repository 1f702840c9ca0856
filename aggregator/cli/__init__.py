"""The `aggregator` command: each command parses its arguments, calls one function, prints, exits.

SECTIONS says where each is. context is what all start from, terminal how they speak, logs how processes
log; surroundings is the part of doctor that looks at the machine.

Exit codes: 0 done; 1 it could not be done, the reason is on standard error; 2 wrong usage.
"""

from __future__ import annotations

import gc
import signal
import sys
from importlib import import_module

import click

from aggregator import __version__
from aggregator.cli.context import Session
from aggregator.cli.logs import set_up_logging
from aggregator.cli.terminal import say
from aggregator.errors import AggregatorError
from aggregator.parse.heap import share_one_heap

#: new objects that are looked through for garbage at once. Imports and batches of entries make many that
#: stay: with Python's own 700 a sixth of a start, and a tenth of a poll, goes into looking at them
GARBAGE = (10_000, 20, 20)
#: whoever starts us may ignore these, and we would, too: no child's end were seen, nor a reader's last alarm
HEARD = (signal.SIGCHLD, signal.SIGALRM)
#: what a person wants -> command -> module and name; imported when asked for, so that `check` starts
#: without a web server
SECTIONS = {
    "Begin": {
        "init": "configuring:init",
        "check": "configuring:check",
        "import": "importing:import_",
        "add": "adding:add",
        "try": "trying:try_",
        "plan": "planning:plan",
    },
    "Run": {
        "run": "serving:run",
        "worker": "serving:worker",
        "web": "serving:web",
        "poll": "polling:poll",
        "export": "exporting:export",
    },
    "Look": {
        "status": "status:status",
        "doctor": "doctor:doctor",
        "sources": "reading:sources",
        "articles": "reading:articles",
        "search": "reading:search",
        "explain": "explaining:explain",
        "render": "reading:render",
        "hosts": "hosts:hosts",
        "hub": "hub:hub",
    },
    "Decide by hand": {
        "held": "editing:held",
        "release": "editing:release",
        "reject": "editing:reject",
        "pick": "editing:pick",
        "hide": "editing:hide",
        "note": "editing:note",
        "post": "editing:post",
        "withdraw": "editing:withdraw",
        "undo": "editing:undo",
        "marks": "editing:marks",
        "story": "stories:story",
    },
    "Readers": {
        "token": "tokens:token",
        "subscribers": "subscribing:subscribers",
        "bounced": "subscribing:bounced",
    },
    "Keep": {
        "backup": "keeping:backup",
        "restore": "keeping:restore",
        "move": "keeping:move",
        "forget": "keeping:forget",
    },
}
COMMANDS = {name: where for section in SECTIONS.values() for name, where in section.items()}


class Commands(click.Group):
    """The commands above, in that order and under their headings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"aggregator.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from aggregator.config.names import did_you_mean

            ctx.fail(f"there is no command {name!r}{did_you_mean(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, names in SECTIONS.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, command.get_short_help_str(limit=200)) for name, command in found if command],
                    col_spacing=11 - max(map(len, names)) + 2,
                )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    "-c",
    metavar="FILE",
    help="The configuration; else $AGGREGATOR_CONFIG, config/aggregator.yaml, aggregator.yaml.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log more.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How log lines are written.",
)
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def group(context: click.Context, config: str | None, verbose: bool, log_format: str) -> None:
    """Read many feeds, publish a few good ones."""
    set_up_logging(verbose=verbose, as_json=log_format == "json")
    context.obj = Session(config, log_format == "json")
    context.call_on_close(context.obj.close)


def main() -> None:
    """Run the command line; known errors are one message, never a traceback."""
    for number in HEARD:
        signal.signal(number, signal.SIG_DFL)
    gc.set_threshold(*GARBAGE)
    share_one_heap()
    try:
        code = group.main(prog_name="aggregator", standalone_mode=False)
    except click.exceptions.Abort:
        say(err=True)  # the terminal stands behind a question, or behind ^C
        sys.exit(130)
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        say(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except UnicodeEncodeError:  # it is not quoted: it may be the URL of a database with its password
        say("what was typed is no text in UTF-8", err=True)
        sys.exit(2)
    except OSError as error:
        say(f"{error.filename or 'what is written'}: {error.strerror or error}", err=True)
        sys.exit(1)
    except AggregatorError as error:
        say(str(error), err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
