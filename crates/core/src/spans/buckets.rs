//! Which bucket a value falls into: the search of `src/handles/search.ts`.

/// Upper bounds, and where to begin with them.
#[derive(Debug)]
pub(super) struct Buckets {
    /// Inclusive, ascending, and one more, +Inf.
    bounds: Box<[f64]>,
    /// By a value's exponent and first bits: the first bucket that such a value can be in.
    table: Box<[u16]>,
}

const MANTISSA_BITS: u32 = 52;
/// So many bits of the mantissa are looked at.
const CELL_BITS: u32 = 3;
const SHIFT: u32 = MANTISSA_BITS - CELL_BITS;
const CELLS: u64 = 1 << (11 + CELL_BITS);

impl Buckets {
    /// The last of the bounds is +Inf.
    pub(super) fn new(bounds: &[f64]) -> Buckets {
        let least_of = |cell: u64| f64::from_bits(cell << SHIFT);
        let first = |cell| bounds.partition_point(|bound| *bound < least_of(cell)) as u16;
        Buckets { bounds: bounds.into(), table: (0..CELLS).map(first).collect() }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.bounds.len()
    }

    /// Whether they are these.
    pub(super) fn are(&self, bounds: &[f64]) -> bool {
        *self.bounds == *bounds
    }

    /// That of a finite value of 0 or above.
    #[inline]
    pub(super) fn of(&self, value: f64) -> usize {
        let cell = (value.to_bits() >> SHIFT) as usize & (CELLS as usize - 1);
        let mut bucket = usize::from(self.table[cell]);
        while self.bounds.get(bucket).is_some_and(|bound| value > *bound) {
            bucket += 1;
        }
        bucket
    }
}
