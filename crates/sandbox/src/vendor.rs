//! The two vendors.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Weiting,
    Fensi,
}

impl Vendor {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Weiting => "weiting",
            Self::Fensi => "fensi",
        }
    }
}
