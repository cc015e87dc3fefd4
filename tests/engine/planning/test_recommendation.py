import pytest

from engine.machine.hardware import Machine
from engine.planning import calibration
from engine.planning.calibration import IterationShape, Measurement
from engine.planning.estimate import flops_per_iter
from engine.planning.presets import preset, presets
from engine.planning.recommendation import fits_well, preset_times, recommend

NAMES = list(presets())
VOCAB = 50304


def machine_with(gigabytes):
    return Machine(system="", chip="", cores=8, memory_bytes=int(gigabytes * 2**30))


def measured(flops_per_s, device="cpu", dtype="float32"):
    """Return what a machine of a steady speed would have measured of the small preset."""
    config = preset("small").config()
    flops = flops_per_iter(config, VOCAB)
    seconds = flops / flops_per_s
    return [
        Measurement(
            source="calibration",
            shape=IterationShape.of(config, VOCAB),
            device=device,
            dtype=dtype,
            torch=calibration.torch_version(),
            threads=calibration.threads(),
            seconds_per_iter=seconds,
            low=seconds,
            high=seconds,
            flops=flops,
        )
    ]


def ask(gigabytes=64, device="cpu", minutes=60, of=()):
    return recommend(machine_with(gigabytes), device, minutes, vocab_size=VOCAB, measured=of)


def test_an_unmeasured_processor_begins_with_the_quickest():
    assert ask().preset == "tiny"
    assert "speed" in ask().reason


def test_an_unmeasured_gpu_begins_with_the_sweet_spot_where_it_fits():
    assert ask(device="mps").preset == "medium-m4"
    assert ask(1, "mps").preset in ("tiny", "small")
    assert ask(0.1, "mps").preset == "tiny"


def test_a_faster_machine_is_recommended_no_smaller_a_preset():
    chosen = [NAMES.index(ask(of=measured(speed)).preset) for speed in (1e9, 1e10, 1e11, 1e12, 1e13, 1e14)]
    assert chosen == sorted(chosen)
    assert chosen[0] == 0
    assert chosen[-1] == len(NAMES) - 1


@pytest.mark.parametrize("minutes", [5, 30, 60, 240])
def test_the_recommended_preset_is_done_in_time_and_the_next_is_not(minutes):
    known = measured(3e11)
    chosen = ask(minutes=minutes, of=known).preset
    totals = {
        name: told.seconds_total(presets()[name].config()) for name, told in preset_times(VOCAB, "cpu", known).items()
    }
    assert totals[chosen] <= minutes * 60
    assert all(totals[name] > minutes * 60 for name in NAMES[NAMES.index(chosen) + 1 :])


def test_nothing_is_recommended_that_leaves_no_room():
    fast = measured(1e14)
    assert ask(64, of=fast).preset == "large"
    crowded = ask(2, of=fast).preset
    assert crowded != "large"
    assert fits_well(presets()[crowded].config(), VOCAB, machine_with(2), "cpu")


def test_where_nothing_is_done_in_time_the_quickest_is_named_with_its_time():
    told = ask(minutes=1, of=measured(1e10))
    assert told.preset == "tiny"
    assert "hours" in told.reason


def test_another_devices_speed_does_not_count():
    assert ask(device="cpu", of=measured(1e14, device="mps")).preset == "tiny"


@pytest.mark.parametrize(("minutes", "words"), [(60, "an hour"), (30, "30 minutes"), (150, "2.5 hours")])
def test_the_reason_says_what_was_asked(minutes, words):
    assert f"within {words} here" in ask(minutes=minutes, of=measured(1e14)).reason
