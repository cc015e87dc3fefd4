"""Events that show which of the first steps are done."""

from engine.core.events import Prepared, Sample
from engine.core.jobs import Control
from engine.datasets.order import Order
from engine.datasets.prepare import prepare_job


def sample(iter_num):
    return Sample(iter_num=iter_num, prompt="\n", text="\nx")


def prepared(source, name=None):
    job = prepare_job(Order(target=str(source), name=name, tokenizer="char"), Control())
    return next(item for item in job if isinstance(item, Prepared))
