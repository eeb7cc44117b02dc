//! The seam between weifen and the network: the Transport trait, the call driver and one error vocabulary.
