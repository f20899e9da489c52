"""The stores of the store's own contract, without its parametrization."""

from tests.contract.store.conftest import store_uri

__all__ = ["store_uri"]
