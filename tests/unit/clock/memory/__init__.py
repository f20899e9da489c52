"""The clock over a store in memory: the tests are those of tests/contract/clock."""
