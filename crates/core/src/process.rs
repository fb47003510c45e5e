//! Who a process is: its id, and what tells it from an earlier process of the same id.

use std::time::{SystemTime, UNIX_EPOCH};

/// What identifies the process that owns a segment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Identity {
    pub pid: u32,
    /// Clock ticks since boot; 0 where the system does not tell.
    pub start_time_ticks: u64,
    /// Zero where the system does not tell.
    pub boot_id: [u8; 16],
    /// Unix time in milliseconds.
    pub opened_at_ms: f64,
}

impl Identity {
    /// This process, now.
    pub(crate) fn own() -> Identity {
        let pid = std::process::id();
        Identity {
            pid,
            start_time_ticks: start_time_ticks(pid).unwrap_or(0),
            boot_id: boot_id().unwrap_or([0; 16]),
            opened_at_ms: unix_ms(),
        }
    }

    /// Whether that very process still runs: its id is taken, since the same boot, by a process
    /// that started at the same time. Where the system does not tell, the id alone decides.
    pub(crate) fn is_alive(&self) -> bool {
        if self.boot_id != boot_id().unwrap_or([0; 16]) {
            return false;
        }
        let Some(pid) = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw)
        else {
            return false;
        };
        match rustix::process::test_kill_process(pid) {
            Ok(()) | Err(rustix::io::Errno::PERM) => {
                start_time_ticks(self.pid).is_none_or(|ticks| ticks == self.start_time_ticks)
            }
            Err(_) => false,
        }
    }
}

/// Unix time in milliseconds.
pub(crate) fn unix_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Field 22 of the process's stat line; the name before it, in parentheses, may hold anything.
fn start_time_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = &stat[stat.rfind(')')? + 1..];
    after_name.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn boot_id() -> Option<[u8; 16]> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits = text.trim().replace('-', "");
    u128::from_str_radix(&digits, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_an_earlier_one_of_its_id_is_not() {
        let own = Identity::own();
        assert!(own.is_alive());
        #[cfg(target_os = "linux")]
        {
            assert!(
                !Identity { start_time_ticks: own.start_time_ticks + 1, ..own.clone() }.is_alive()
            );
            assert!(!Identity { boot_id: [7; 16], ..own }.is_alive());
        }
    }
}
