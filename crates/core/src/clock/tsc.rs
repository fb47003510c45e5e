//! The time stamp counter, and whether it may be trusted; no arithmetic of time.

/// Whether the counter runs at one rate, in step on all processors: the kernel uses it itself, and
/// the processor says that it is invariant. Looked up once.
pub(super) fn is_trusted() -> bool {
    static TRUSTED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *TRUSTED.get_or_init(|| kernel_uses_it() && is_invariant())
}

fn kernel_uses_it() -> bool {
    let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    std::fs::read_to_string(path).is_ok_and(|name| name.trim() == "tsc")
}

#[cfg(target_arch = "x86_64")]
fn is_invariant() -> bool {
    use std::arch::x86_64::__cpuid;
    const HIGHEST_EXTENDED: u32 = 0x8000_0000;
    const POWER_MANAGEMENT: u32 = 0x8000_0007;
    const INVARIANT_TSC: u32 = 1 << 8;
    __cpuid(HIGHEST_EXTENDED).eax >= POWER_MANAGEMENT
        && __cpuid(POWER_MANAGEMENT).edx & INVARIANT_TSC != 0
}

#[cfg(not(target_arch = "x86_64"))]
fn is_invariant() -> bool {
    false
}

/// The counter now.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn read() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and Linux lets user code execute it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// There is no counter to read here; nobody asks, for it is not trusted.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn read() -> u64 {
    0
}

/// The counter and another clock at the same moment: of a few tries, that which the scheduler
/// disturbed least.
pub(super) fn read_with(other: impl Fn() -> f64) -> (u64, f64) {
    let tries = (0..8).map(|_| {
        let before = read();
        let time = other();
        let width = read().saturating_sub(before);
        (width, before + width / 2, time)
    });
    let best = tries.min_by_key(|(width, ..)| *width);
    best.map_or((0, 0.0), |(_, counter, time)| (counter, time))
}
