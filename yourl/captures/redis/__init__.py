"""The store in Redis or Valkey, shared by instances on many machines."""
