//! Sets whose members are of several kinds, with a part for each kind.

/// The operations of [`Set`](crate::Set) that go part by part.
macro_rules! part_by_part {
    ($($part:ident),*) => {
        fn empty() -> Self {
            Self { $($part: Set::empty()),* }
        }

        fn is_empty(&self) -> bool {
            $(self.$part.is_empty())&&*
        }

        fn is_subset(&self, other: &Self) -> bool {
            $(self.$part.is_subset(&other.$part))&&*
        }

        fn is_disjoint(&self, other: &Self) -> bool {
            $(self.$part.is_disjoint(&other.$part))&&*
        }

        fn union(&self, other: &Self) -> Self {
            Self { $($part: self.$part.union(&other.$part)),* }
        }

        fn intersection(&self, other: &Self) -> Self {
            Self { $($part: self.$part.intersection(&other.$part)),* }
        }

        fn difference(&self, other: &Self) -> Self {
            Self { $($part: self.$part.difference(&other.$part)),* }
        }
    };
}

pub(crate) use part_by_part;
