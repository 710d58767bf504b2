import pytest
import torch

from relmem_cli.stories.batch import encode_stories
from relmem_cli.training.loop import Epoch
from relmem_variants.plugin import VARIANTS

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_answers_on_the_gpu_as_on_the_cpu(variant, experiment) -> None:
    data = experiment().data
    torch.manual_seed(0)
    model = variant.build(data.sizes, {"slots": 3, "dim": 8})
    batch = encode_stories(data.train, data.vocabulary, data.sizes)
    expected = model(batch)
    found = model.to("cuda")(batch.to(torch.device("cuda")))
    assert torch.allclose(found.cpu(), expected, rtol=1e-4, atol=1e-5)


def test_a_run_trains_stops_and_resumes_on_the_gpu(experiment) -> None:
    device = torch.device("cuda")
    stopped = experiment(device=device).events()
    while not isinstance(next(stopped)[1], Epoch):
        pass
    stopped.close()
    resumed = experiment(device=device, resume=True)
    epochs = [event.epoch for _, event in resumed.events() if isinstance(event, Epoch)]
    assert epochs == [2, 3, 4, 5, 6]
    assert resumed.finish().tests[1].n == 72
