import pytest

from relmem_cli.errors import UsageError
from relmem_cli.training.rates import learning_rate
from relmem_cli.training.settings import Settings, seeds, split_assignments


def test_settings_are_read_back_as_they_were_written() -> None:
    settings = Settings(
        variant="multi-hop", task="7", data='C:\\my "data"', options={"hops": 3, "dim": 8}
    )
    assert Settings.from_toml(settings.to_toml()) == settings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", 0),
        ("batch", 0),
        ("patience", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("restart_rate", -1.0),
        ("restart_epochs", -1),
        ("validation", 1.0),
        ("drop_connect", 1.0),
        ("drop_connect", -0.1),
        ("schedule", "steep"),
        ("rename", "on"),
        ("rename_after", -1),
        ("seed", -1),
        ("seed", 10**14),
        ("clip", float("inf")),
        ("task", "a task"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(UsageError, match=key):
        Settings(**{"variant": "entnet", "task": "1", key: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs = [3]", r"epochs is \[3\]; it must be a whole number"),
        ("batch = true", "batch is True; it must be a whole number"),
        ('clip = "5"', "clip is '5'; it must be a number"),
        ("data = 3", "data is 3; it must be text"),
        ("options = 3", "options is 3; it must be a table"),
        ("options.dim = [1]", r"options is {'dim': \[1\]}; it must be a table"),
        ("epoch = 3", "there is no setting 'epoch'"),
        (f"data = {'[' * 100_000}", "more than 32 lists and tables within each other"),
        (f"data = 9{'9' * 5000}", "Exceeds the limit"),
        (f"{'a.' * 5000}a = 1", "line 3 has more than 200 dots"),
        (f'"{"x" * 9999}" = 1', "there is no setting 'x+[.]{3}x+'[.]$"),
    ],
)
def test_a_file_that_holds_no_settings_is_refused_in_a_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        Settings.from_toml(f'variant = "entnet"\ntask = "1"\n{text}\n')
    assert len(str(refused.value)) < 200
    assert str(refused.value).isprintable()


def test_every_second_seed_learns_at_another_rate() -> None:
    settings = Settings(
        variant="entnet", task="1", seed=7, learning_rate=0.5, restart_rate=0.25, rename="off"
    )
    tried = [(one.seed, one.learning_rate) for one in seeds(settings, 4)]
    assert tried == [(7, 0.5), (8, 0.125), (9, 0.5), (10, 0.125)]
    assert seeds(settings, 1) == [settings]


def test_set_tells_training_settings_from_the_variants_options(entnet) -> None:
    training, options = split_assignments(["batch=64", "dim = 7", "learning-rate=1e-3"], entnet)
    assert training == {"batch": 64, "learning_rate": 0.001}
    assert options == {"dim": 7}


@pytest.mark.parametrize(
    ("assignment", "complaint"),
    [
        ("batch", "has no '='"),
        ("bacth=3", "no such setting"),
        ("batch=many", "not a whole number"),
        ("learning_rate=fast", "not a number"),
        ("variant=entnet", "--set variant: variant is an option of its own, --variant entnet.$"),
        ("epochs=3", "epochs is an option of its own, --epochs 3.$"),
        ("rename=auto", "rename is an option of its own, --rename auto.$"),
        ("begin=mine", "begin is an option of its own, --from mine.$"),
        ("restarts=3", "restarts is an option of its own, --restarts 3.$"),
        ("options=3", "no such setting"),
    ],
)
def test_a_bad_assignment_is_refused(entnet, assignment: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        split_assignments([assignment], entnet)


def rates(**settings: object) -> list[float]:
    chosen = Settings(variant="entnet", task="1", epochs=9, learning_rate=1.0, **settings)
    return [learning_rate(chosen, epoch) for epoch in range(1, 10)]


def test_the_learning_rate_follows_its_schedule() -> None:
    assert rates(schedule="constant") == [1.0] * 9
    assert rates(schedule="halving", halve_every=4) == [1.0] * 4 + [0.5] * 4 + [0.25]
    cosine = rates(schedule="cosine")
    assert cosine[0] == 1.0
    assert cosine[-1] == pytest.approx(0.01)
    assert cosine == sorted(cosine, reverse=True)
    assert rates(schedule="constant", warmup=3)[:4] == [0.25, 0.5, 0.75, 1.0]


def test_a_runs_name_says_what_is_not_as_usual() -> None:
    assert Settings(variant="entnet", task="1").name == "entnet-1"
    other = Settings(variant="entnet", task="joint", data="en-10k", fold=2)
    assert other.name == "entnet-joint-en-10k-fold2"
    assert Settings(variant="entnet", task="1", seed=4).name == "entnet-1-seed4"
