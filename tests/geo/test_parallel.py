"""Work shared with other processes comes back in order and whole, whoever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import chain
from pathlib import Path

import pytest

from geo.parallel import LostBatch, count_processors, map_in_order

ALONE = []
"""Names of the tests that need a process without other threads."""
FRESH = "POINT21_TEST_IN_A_FRESH_PROCESS"


def alone(test):
    """Run a test only in the fresh process of the last test: here tests may have left threads."""
    ALONE.append(test.__name__)
    return pytest.mark.skipif(FRESH not in os.environ, reason="runs in the last test")(test)


def flat(batches):
    return list(chain.from_iterable(batches))


def double(context, items):
    return [context * item for item in items]


def who(context, items):
    time.sleep(0.02)
    return os.getpid()


def until_two_work(found, more=0):
    """Items until somebody else has worked too, which a busy machine delays; then some more."""
    until = time.monotonic() + 240
    while len(set(found)) < 2 and time.monotonic() < until:
        yield len(found)
    yield from range(more)


def die_at(context, items):
    """Die at one item, unless it is the process that must not."""
    parent, item = context
    if item in items and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return list(items)


def die_once(context, items):
    """Die once, in another process than the first: a file remembers."""
    parent, marker = context
    if os.getpid() != parent and not Path(marker).exists():
        Path(marker).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return list(items)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_order(workers):
    found = list(map_in_order(double, 3, iter(range(100)), batch=7, workers=workers))
    assert flat(found) == [3 * item for item in range(100)]
    assert [len(batch) for batch in found] == [7] * 14 + [2]


def test_this_process_works_too_and_so_does_another():
    found = []
    for process in map_in_order(who, None, until_two_work(found), batch=1, workers=2):
        found.append(process)
    assert len(set(found)) == 2
    assert os.getpid() in found


def test_items_are_taken_when_they_are_needed():
    taken = []

    def items():
        for item in range(1000):
            taken.append(item)
            yield item

    results = map_in_order(double, 1, items(), batch=2)
    assert next(results) == [0, 1]
    assert len(taken) == 2


@alone
@pytest.mark.slow
def test_a_process_that_dies_is_replaced(tmp_path):
    context = (os.getpid(), str(tmp_path / "died"))
    found = list(map_in_order(die_once, context, range(40), batch=2, workers=2))
    assert flat(found) == list(range(40))
    assert (tmp_path / "died").exists()


@alone
@pytest.mark.slow
def test_a_batch_that_nobody_survives_is_reported_and_the_rest_goes_on():
    context = (os.getpid(), 2)
    found = list(map_in_order(die_at, context, range(12), batch=2, workers=2))
    lost = [batch for batch in found if isinstance(batch, LostBatch)]
    assert [batch.items for batch in lost] == [(2, 3)]
    assert "died" in lost[0].message
    rest = flat(batch for batch in found if not isinstance(batch, LostBatch))
    assert rest == [0, 1, *range(4, 12)]


def prepare(context, items):
    """Tell who prepared the context; whoever finds it unprepared does."""
    time.sleep(0.02)
    return os.getpid(), context.setdefault("prepared by", os.getpid())


KNOWN_BY = {}


def who_knows(context, items):
    """Tell what a module of the first process knows, which only a fork can know too."""
    time.sleep(0.02)
    return os.getpid(), KNOWN_BY.get("first process")


@alone
@pytest.mark.skipif(sys.platform != "linux", reason="forks where that is safe")
def test_other_processes_inherit_what_the_first_batch_prepared():
    found = list(map_in_order(prepare, {}, range(60), batch=1, workers=2))
    assert len({who for who, _ in found}) == 2
    assert {by for _, by in found} == {os.getpid()}


@pytest.mark.slow
def test_while_threads_run_nothing_is_forked(monkeypatch):
    monkeypatch.setitem(KNOWN_BY, "first process", os.getpid())
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        found = {}
        items = until_two_work(found)
        for process, knowledge in map_in_order(who_knows, None, items, batch=1, workers=2):
            found[process] = knowledge
    finally:
        stop.set()
        thread.join()
    assert found.pop(os.getpid()) == os.getpid()
    assert list(found.values()) == [None]


def test_each_process_gets_batches_in_a_row():
    found = []
    items = until_two_work(found, more=60)
    for process in map_in_order(who, None, items, batch=1, run=20, workers=2):
        found.append(process)
    by_run = [found[start : start + 20] for start in range(1, len(found), 20)]
    assert len(set(found)) == 2
    assert all(len(set(run)) == 1 for run in by_run[:-2])  # the last may be shared
    assert len({run[0] for run in by_run[:-2]}) == 2


def refuse(context, items):
    raise ValueError(f"{items} came")


class StubbornError(Exception):
    """Cannot be opened again elsewhere."""

    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


def refuse_stubbornly(context, items):
    if os.getpid() != context:
        raise StubbornError(1, 2)
    time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_function_raises_is_raised_here(workers):
    with pytest.raises(ValueError, match=r"\(0, 1\) came"):
        list(map_in_order(refuse, None, range(8), batch=2, workers=workers))


@alone
def test_an_error_that_cannot_travel_is_told():
    with pytest.raises(RuntimeError, match="StubbornError: 1 and 2"):
        list(map_in_order(refuse_stubbornly, os.getpid(), range(40), batch=1, workers=2))


def test_large_batches_block_nobody():
    """More than a pipe holds goes both ways at once."""
    large = [bytes(2_000_000) for _ in range(12)]
    found = list(map_in_order(double, 1, large, batch=1, workers=2))
    assert [batch[0] for batch in found] == large


@alone
def test_whoever_stops_asking_leaves_no_process_behind():
    results = map_in_order(who, None, range(1000), batch=1, workers=3)
    others = {next(results) for _ in range(40)} - {os.getpid()}
    assert others
    results.close()
    for other in others:
        with pytest.raises(ProcessLookupError):
            os.kill(other, 0)


@pytest.mark.slow
def test_where_no_process_can_be_started_this_one_does_all(monkeypatch):
    monkeypatch.setattr("geo.parallel._serve", int)  # ends at once, with an error
    monkeypatch.setattr("geo.parallel.threading.active_count", lambda: 2)
    found = list(map_in_order(who, None, range(100), batch=1, workers=2))
    assert set(found) == {os.getpid()}


@pytest.mark.parametrize(("batch", "run", "workers"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nonsense_is_refused(batch, run, workers):
    with pytest.raises(ValueError, match="at least 1"):
        map_in_order(double, 1, [], batch=batch, run=run, workers=workers)


def test_processors_are_counted():
    assert count_processors() >= 1


@pytest.mark.slow
@pytest.mark.skipif(FRESH in os.environ, reason="this is the fresh process")
def test_what_needs_one_thread_in_a_process_that_has_one():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [*command, __file__, "-k", " or ".join(ALONE)],
        capture_output=True, text=True, timeout=300, check=False,
        env=environment | {FRESH: "1"}, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"{len(ALONE)} passed" in done.stdout
