"""Spoilt files end in an answer or a refusal: a small part of what scripts/fuzz_reader.py tries."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def fuzz(repository):
    place = repository / "scripts" / "fuzz_reader.py"
    spec = importlib.util.spec_from_file_location("fuzz_reader", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_spoilt_files_never_end_the_process(fuzz):
    counted, wrong = fuzz.read_spoilt(150, seed=2)
    assert not wrong
    assert counted["read"] > 10 and counted["refused"] > 50
