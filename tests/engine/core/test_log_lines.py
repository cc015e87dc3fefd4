from engine.core.events import Checkpoint
from engine.core.log_lines import log_line
from tests.fake_events import evaluation, step


def test_iterations_evaluations_and_checkpoints_are_told_as_nanogpt_does():
    assert log_line(step(10, 4.25, step_ms=12.345)) == "iter 10: loss 4.2500, time 12.35ms"
    assert log_line(evaluation(250, 4.2)) == "step 250: train loss 4.1000, val loss 4.2000"
    assert log_line(Checkpoint(iter_num=250, path="out/ckpt.pt", kind="latest")) == "saving checkpoint to out/ckpt.pt"
