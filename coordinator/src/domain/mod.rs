//! Pure decisions: no clock, no IO. Each answer carries its reasons.
