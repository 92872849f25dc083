"""Run tasks in parallel processes; results in order, tasks of a dead process repeated.

The work is a function of one frozen piece of context, the same for all tasks, and of a batch of
items. Each process opens the context once, so the same code runs here, in processes of this
machine, and on a cluster.
"""

import multiprocessing
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Generic, TypeVar

__all__ = ["LostBatch", "count_processors", "map_in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Context = TypeVar("Context")

_AHEAD: Final = 2
"""Batches each process has waiting, so that none is idle while results are collected."""

_HELD: Final = 256
"""Batches whose results may wait for an earlier one; a bound on memory."""

_TRIES: Final = 3
"""How often a batch is given out when the process that had it died."""

_SMALL_BYTES: Final = 16_384
"""So much can be sent to a process that does not listen because it waits to be listened to."""


@dataclass(frozen=True)
class LostBatch(Generic[Item]):
    """A batch that no process survived: its items, and what is known of the reason."""

    items: tuple[Item, ...]
    message: str


@dataclass(eq=False)
class _Batch(Generic[Item]):
    items: tuple[Item, ...]
    future: "Future[Any]" = field(default_factory=Future)
    tries: int = 0


def count_processors() -> int:
    """Return how many processors this machine has.

    Returns
    -------
    int
        At least 1.
    """
    return multiprocessing.cpu_count()


def map_in_order(
    function: Callable[[Context, tuple[Item, ...]], Result],
    context: Context,
    items: Iterable[Item],
    *,
    batch: int,
    run: int = 1,
    workers: int = 1,
    executor: Executor | None = None,
) -> Iterator[Result | LostBatch[Item]]:
    """Apply a function to batches of items and yield the results in order.

    Parameters
    ----------
    function
        Takes the context and a tuple of items; found by its name in a module, so that another
        process can find it too.
    context
        Anything that can be pickled. Each process opens it once and keeps it between batches: what
        it caches in itself lasts.
    items
        Taken lazily: only a bounded number is held at a time.
    batch
        Items in a batch.
    run
        Batches in a row that a process of this machine gets, where one makes the next easier.
    workers
        Processes that work, this one included. With 1 nothing is started.
    executor
        Does the work instead of processes of this machine; ``workers`` is then how many batches it
        works on at a time. Whoever passes it shuts it down.

    Returns
    -------
    iterator of Result or LostBatch
        One for each batch. A batch is lost when every process it was given to died.

    Raises
    ------
    ValueError
        ``batch``, ``run`` or ``workers`` is less than 1.

    Notes
    -----
    Processes are forked after the first batch, and have what it prepared, where that is safe: on
    Linux, while no other thread runs, whose locks a fork would inherit. Otherwise they are
    spawned, which takes most of a second; until then, and when they cannot be started at all, this
    process does their work. What the function raises is raised here; catch it in the function
    where one item must not stop the rest.

    Examples
    --------
    >>> def scale(factor, numbers):
    ...     return [factor * number for number in numbers]
    >>> list(map_in_order(scale, 7, range(5), batch=2))
    [[0, 7], [14, 21], [28]]
    """
    if batch < 1 or run < 1 or workers < 1:
        raise ValueError(
            f"expected at least 1 for batch, run and workers; got {batch}, {run} and {workers}"
        )
    batches = _batches(items, batch)
    if executor is not None:
        return _delegate(function, context, batches, executor, workers)
    if workers == 1:
        return (function(context, given.items) for given in batches)
    return _share(_Crew(function, context, batches, run), workers)


def _batches(items: Iterable[Item], size: int) -> Iterator[_Batch[Item]]:
    source = iter(items)
    while chosen := tuple(islice(source, size)):
        yield _Batch(chosen)


# --- somebody else does the work ----------------------------------------------------------------


@lru_cache(maxsize=2)
def _open_context(packed: bytes) -> Any:  # noqa: ANN401
    return pickle.loads(packed)


def _work(function: Callable[[Any, Any], Any], packed: bytes, items: object) -> Any:  # noqa: ANN401
    return function(_open_context(packed), items)


def _delegate(
    function: Callable[..., Any],
    context: object,
    batches: Iterator[_Batch[Any]],
    executor: Executor,
    workers: int,
) -> Iterator[Any]:
    """Let an executor do all the work."""
    packed = pickle.dumps(context, protocol=pickle.HIGHEST_PROTOCOL)
    waiting: deque[_Batch[Any]] = deque()
    for given in batches:
        given.future = executor.submit(_work, function, packed, given.items)
        waiting.append(given)
        while len(waiting) >= _AHEAD * workers:
            yield _collect(waiting.popleft())
    while waiting:
        yield _collect(waiting.popleft())


def _collect(given: _Batch[Any]) -> Any:  # noqa: ANN401
    try:
        return given.future.result()
    except BrokenExecutor as error:
        return LostBatch(given.items, str(error) or "the process died")


# --- this process and others share it -----------------------------------------------------------


@dataclass(eq=False)
class _Crew:
    """Tasks that wait, and results that wait to be yielded in order."""

    function: Callable[..., Any]
    context: Any
    batches: Iterator[_Batch[Any]]
    run: int
    order: deque[_Batch[Any]] = field(default_factory=deque)

    def next_run(self) -> list[_Batch[Any]]:
        """Take some batches in a row; none while too many results wait for an earlier one."""
        taken = [] if len(self.order) > _HELD else list(islice(self.batches, self.run))
        self.order.extend(taken)
        return taken

    def results(self) -> Iterator[Any]:
        """Yield the results whose turn it is."""
        while self.order and self.order[0].future.done():
            yield self.order.popleft().future.result()

    def do(self, given: _Batch[Any]) -> None:
        """Do a batch in this process."""
        given.future.set_result(self.function(self.context, given.items))


def _share(crew: _Crew, workers: int) -> Iterator[Any]:
    """Work here while other processes do."""
    for given in islice(crew.batches, 1):
        yield crew.function(crew.context, given.items)
    mine: deque[_Batch[Any]] = deque()
    hands: list[_Hand] = []
    try:
        hands.extend(_Hand(crew) for _ in range(workers - 1))
        while True:
            for hand in hands:
                hand.listen()
                hand.take()
            yield from crew.results()
            mine = mine or deque(crew.next_run() or _take_over(hands))
            if mine:
                crew.do(mine.popleft())
            elif crew.order:
                wait([hand.line for hand in hands if not hand.is_gone])
            else:
                return
    finally:
        for hand in hands:
            hand.dismiss()


def _take_over(hands: Sequence["_Hand"]) -> list[_Batch[Any]]:
    """Take the last batch of the process that has most before it."""
    busiest = max(hands, key=lambda hand: len(hand.queue) - hand.sent)
    return [busiest.queue.pop()] if len(busiest.queue) > busiest.sent else []


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back: what is started meanwhile never gets it, this process a little later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Hand:
    """Another process, and the batches it is to do, in order; the first of them were sent."""

    def __init__(self, crew: _Crew) -> None:
        self.crew = crew
        self.queue: deque[_Batch[Any]] = deque()
        self.is_gone = False
        self._start()

    def _start(self) -> None:
        """Start a process: by a fork, which inherits the context, if that is safe."""
        fork = sys.platform == "linux" and threading.active_count() == 1
        way = multiprocessing.get_context("fork" if fork else "spawn")
        self.line, theirs = way.Pipe()
        known = (self.crew.context,) if fork else ()
        self.process = way.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self.crew.function, *known), daemon=True
        )
        with _without_interrupts():
            self.process.start()
        theirs.close()
        self.sent, self.is_ready = 0, fork

    def take(self) -> None:
        """Send as many batches as the process may have waiting."""
        if not self.is_ready:
            return
        if not self.queue:
            self.queue.extend(self.crew.next_run())
        try:
            for given in islice(self.queue, self.sent, _AHEAD):
                packed = pickle.dumps(given.items, protocol=pickle.HIGHEST_PROTOCOL)
                if self.sent and len(packed) > _SMALL_BYTES:
                    return
                self.line.send_bytes(packed)
                self.sent += 1
        except OSError:
            return  # it died: that is heard next

    def listen(self) -> None:
        """Take the results that have come; when the process died, replace it."""
        try:
            while not self.is_gone and self.line.poll():
                self._hear(self.line.recv_bytes())
        except (EOFError, OSError):
            self._replace()

    def _hear(self, message: bytes) -> None:
        if not self.is_ready:
            self.is_ready = True
            self.line.send_bytes(pickle.dumps(self.crew.context, pickle.HIGHEST_PROTOCOL))
            return
        found, error = pickle.loads(message)
        future = self.queue.popleft().future
        self.sent -= 1
        if error is None:
            future.set_result(found)
        else:
            future.set_exception(error)

    def _replace(self) -> None:
        """Give out again what the process had, unless it was the third that died of it."""
        self.dismiss()
        if not self.is_ready:
            self.is_gone = True  # none can be started: what was meant for it is taken over
            return
        if self.sent:
            first = self.queue[0]
            first.tries += 1
            if first.tries >= _TRIES:
                message = f"the process died, {_TRIES} times"
                self.queue.popleft().future.set_result(LostBatch(first.items, message))
        self._start()

    def dismiss(self) -> None:
        """End the process, also in the middle of something."""
        self.line.close()
        self.process.terminate()
        self.process.join()


def _serve(line: Connection, function: Callable[..., Any], *known: object) -> None:
    """Work in another process until nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is told, and ends this one
    try:
        if not known:
            line.send_bytes(b"ready")
        context = known[0] if known else pickle.loads(line.recv_bytes())
        while True:
            line.send_bytes(_answer(function, context, pickle.loads(line.recv_bytes())))
    except (EOFError, OSError):
        return


def _answer(function: Callable[..., Any], context: object, items: object) -> bytes:
    """Pack what the function returns, or what it raises."""
    try:
        return pickle.dumps((function(context, items), None), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever it is, it is raised again where the results are
        try:
            packed = pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(packed)
        except Exception:  # some cannot travel
            packed = pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))
        return packed
