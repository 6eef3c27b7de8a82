//! Builds shards and manifest, and owns the gate.
