"""What several tiers of tests use: waiting, proxies, real servers on ports of their own."""
