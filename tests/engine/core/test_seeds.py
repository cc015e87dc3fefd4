from engine.core.seeds import derived_seed


def test_a_seed_is_a_function_of_all_its_key_alone():
    keys = [(1337, 0), (1337, 1), (0, 1337), (1338, 0), (1337, 0, 1)]
    seeds = [derived_seed(*key) for key in keys]
    assert seeds == [derived_seed(*key) for key in keys]
    assert len(set(seeds)) == len(keys)
    assert all(0 <= seed < 2**32 for seed in seeds)
