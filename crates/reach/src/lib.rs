//! Who can reach whom.
