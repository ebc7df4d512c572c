from objectives.timeout import TimeoutCallback


def test_the_clock_starts_with_training_and_ends_it_in_the_step_after_the_budget() -> None:
    now = [1000.0]
    timeout = TimeoutCallback(10.0, clock=lambda: now[0])
    now[0] = 2000.0  # start-up and warm-up are not counted
    assert timeout.elapsed_s == 0
    assert not timeout.expired()
    timeout._on_training_start()  # as Stable-Baselines3 calls it
    now[0] = 2009.9
    assert timeout._on_step()
    now[0] = 2010.1
    assert not timeout._on_step()
    assert timeout.expired()


def test_a_clock_that_is_stopped_stands_still() -> None:
    now = [0.0]
    timeout = TimeoutCallback(10.0, clock=lambda: now[0])
    timeout._on_training_start()
    now[0] = 4.0
    with timeout.stopped():
        now[0] = 100.0
        assert timeout.elapsed_s == 4
    now[0] = 105.5
    assert timeout.elapsed_s == 9.5
    assert not timeout.expired()
