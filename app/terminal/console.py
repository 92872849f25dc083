"""Set up streams and signals of the command line: any encoding, a closed stream, Ctrl-C."""

import _thread
import codecs
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TextIO

from app.terminal import INTERRUPTED

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["describe_fault", "prepare_streams", "run"]

_REPLACE: Final = "point21_replace"
_ASCII: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u02bc\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2033", '"'),
        **{"\u2022": "*", "\u00b7": ".", "\u00d7": "x", "\u2192": "->", "\u2190": "<-"},
        **{"\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u2248": "~", "\u00b1": "+/-"},
        **{"\u20ac": "EUR", "\u2026": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " "},
    }
)
_AGAIN_S: Final = 0.05


def run(app: Callable[..., Any]) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    app
        The commands; left by :class:`SystemExit`.
    """
    from app.terminal.output import print_error, print_failure

    prepare_streams()
    sys.excepthook = print_failure
    interrupts = _Interrupts()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, interrupts.raise_interrupt)
    sys.unraisablehook = interrupts.raise_again
    code = 0
    try:
        app(prog_name="point21")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException as error:
        code = 1
        if isinstance(error, OSError):  # from what the options themselves write: --help
            print_error(describe_fault(error))
        elif not interrupts.came:
            raise
    with suppress(ValueError):  # what is still to be done is short, and must not break off
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = INTERRUPTED if interrupts.came and code != 0 else code
    return _flush(code)


class _Interrupts:
    """Ctrl-C: raised where the program is, and again where a library has swallowed it."""

    def __init__(self) -> None:
        self.came = False
        self._before = sys.unraisablehook

    def raise_interrupt(self, signum: int, frame: FrameType | None) -> None:
        """Handle the signal."""
        del frame
        self.came = True
        raise KeyboardInterrupt(signum)

    def raise_again(self, unraisable: "UnraisableHookArgs") -> None:
        """Raise an interrupt again that came where nothing can be raised, as in a destructor."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self._before(unraisable)
            return
        timer = threading.Timer(_AGAIN_S, _thread.interrupt_main)
        timer.daemon = True
        timer.start()


# --- streams ------------------------------------------------------------------------------------


def prepare_streams() -> None:
    """Let standard output and standard error take any text, whatever their encoding.

    A character that the encoding has not is written as plain letters that mean the same, where
    there are some, or as a question mark. Data (JSON, CSV, files) are bytes and not touched.
    """
    codecs.register_error(_REPLACE, _replace)
    sys.stdout = sys.stdout or _closed_stream(1)
    sys.stderr = sys.stderr or _closed_stream(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_REPLACE)


def _closed_stream(descriptor: int) -> TextIO:
    """Stand in for a stream that was closed before the start.

    Its number is taken, so that no file gets it. Writing to standard output fails, as it should;
    what is written to standard error is lost.
    """
    way = os.O_RDONLY if descriptor == 1 else os.O_WRONLY
    opened = os.open(os.devnull, way)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
    return open(descriptor, "w", encoding="utf-8", closefd=False)


def _replace(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding has not; an error handler of :mod:`codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_replace_one(each, error.encoding) for each in text), error.end


def _replace_one(character: str, encoding: str) -> str:
    plain = character.translate(_ASCII)
    if plain == character:
        parts = unicodedata.normalize("NFKD", character)
        plain = "".join(part for part in parts if not unicodedata.combining(part))
    try:
        plain.encode(encoding)
    except UnicodeEncodeError:
        return "?"
    return plain


def _flush(code: int) -> int:
    """Write what is still held back; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # the reader has read enough, as with `| head`
            _discard(stream)
        except OSError as error:
            _discard(stream)
            if code == 0:
                from app.terminal.output import print_error

                print_error(describe_fault(error))
                code = 1
    return code


def describe_fault(error: Exception) -> str:
    """Write the words of an error; those of a stream do not say of which, so it is added."""
    if isinstance(error, OSError) and error.errno is not None and error.filename is None:
        return f"standard output cannot be written: {error.strerror}."
    return str(error)


def _discard(stream: TextIO) -> None:
    """Lead a stream to nowhere, so that the end of the program does not try again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
