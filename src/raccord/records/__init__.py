"""The record store: kinds, envelopes, versions, the one write door, the change log and its sequencer."""
