//! What a host has to give, against what its guests were promised.

use crate::model::{Capacity, Promised, Reading};

/// What a new guest wants, or a changed one wants more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Want {
    /// Memory, in bytes; 0 when it has no limit of its own.
    pub memory_bytes: u64,
    /// Processors, in thousandths.
    pub cpu_thousandths: u64,
    /// Disk, in bytes.
    pub disk_bytes: u64,
    /// The pool or folder that the disk is in; the first one where that is empty.
    pub pool: String,
}

/// What is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortage {
    /// Memory: all guests together would be promised more than the host has.
    Memory {
        /// What is wanted, in bytes.
        wanted: u64,
        /// What is not promised yet, in bytes.
        left: u64,
    },
    /// One guest would have more processors than there are; thousandths.
    Cpu {
        /// What is wanted.
        wanted: u64,
        /// What there is.
        there: u64,
    },
    /// Disk: what is wanted does not fit into what is free now.
    Disk {
        /// The pool.
        pool: String,
        /// What is wanted, in bytes.
        wanted: u64,
        /// What is free, in bytes.
        left: u64,
    },
}

impl Capacity {
    /// What is not there for what is wanted. Memory is held against what all guests were promised: a promise is kept when all
    /// of them use it at once. Processors are shared by time, so one guest may have as many as there are. What the host did not
    /// tell is not held against anybody.
    #[must_use]
    pub fn shortages(&self, want: &Want) -> Vec<Shortage> {
        let mut shortages = Vec::new();
        if let Some(total) = self.memory_total_bytes {
            let left = total.saturating_sub(self.promised.memory_bytes);
            if want.memory_bytes > left {
                shortages.push(Shortage::Memory { wanted: want.memory_bytes, left });
            }
        }
        if let Some(there) = self.cores.map(|cores| cores.saturating_mul(1000))
            && want.cpu_thousandths > there
        {
            shortages.push(Shortage::Cpu { wanted: want.cpu_thousandths, there });
        }
        let pool = self.pools.iter().find(|pool| want.pool.is_empty() || pool.name == want.pool);
        if let Some((pool, left)) = pool.and_then(|pool| Some((pool, pool.free_bytes?)))
            && want.disk_bytes > left
        {
            shortages.push(Shortage::Disk { pool: pool.name.clone(), wanted: want.disk_bytes, left });
        }
        shortages
    }
}

impl Reading {
    /// Sums up what the guests were promised.
    pub(crate) fn sum_up(&mut self) {
        let mut promised = Promised::default();
        for guest in self.guests.iter().filter(|guest| !guest.template) {
            promised.guests += 1;
            let add = |sum: &mut u64, without: &mut u64, limit: Option<u64>| match limit {
                Some(limit) => *sum = sum.saturating_add(limit),
                None => *without += 1,
            };
            add(&mut promised.memory_bytes, &mut promised.without_memory_limit, guest.memory_limit_bytes);
            add(&mut promised.cpu_thousandths, &mut promised.without_cpu_limit, guest.cpu_limit_thousandths);
            add(&mut promised.disk_bytes, &mut promised.without_disk_limit, guest.disk_limit_bytes);
            promised.memory_used_bytes = promised.memory_used_bytes.saturating_add(guest.memory_used_bytes.unwrap_or(0));
            if let Some(limit) = guest.disk_limit_bytes {
                let in_it =
                    |pool: &&mut crate::model::Pool| pool.driver == guest.driver && guest.root.as_deref() == Some(pool.name.as_str());
                if let Some(pool) = self.capacity.pools.iter_mut().find(in_it) {
                    pool.promised_bytes = pool.promised_bytes.saturating_add(limit);
                }
            }
        }
        self.capacity.promised = promised;
    }
}
