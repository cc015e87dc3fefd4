import torch

from engine.runs.host_copies import HostCopies


def test_a_copy_has_the_same_shape_and_values_and_stays_when_the_state_changes():
    state = {"model": {"w": torch.arange(6.0).view(2, 3)}, "steps": [torch.tensor(3), 4], "pair": (torch.ones(2), "a")}
    copy = HostCopies().of(state)
    state["model"]["w"].zero_()
    assert copy["model"]["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (copy["steps"][0].item(), copy["steps"][1]) == (3, 4)
    assert (copy["pair"][0].tolist(), copy["pair"][1]) == ([1, 1], "a")


def test_what_is_one_tensor_in_several_places_stays_one():
    weight = torch.ones(3, requires_grad=True)
    copy = HostCopies().of({"table": weight, "head": weight, "other": weight.detach().clone()})
    assert copy["table"] is copy["head"]
    assert copy["table"] is not copy["other"]
    assert not copy["table"].requires_grad


def test_a_part_of_a_tensor_is_copied_as_the_part_it_is():
    whole = torch.arange(12.0).view(3, 4)
    copies = HostCopies()
    assert copies.of(whole[1:, ::2]).equal(whole[1:, ::2])
    square = torch.arange(4.0).view(2, 2)
    assert copies.of(square).equal(square)
    assert copies.of(square.t()).equal(square.t())  # at the same place, of the same shape
