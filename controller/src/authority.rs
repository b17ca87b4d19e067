//! Which autoscalers this controller acts on, and when it yields to another controller.

use std::sync::Arc;

use hpa_core::time::SignedDuration;

use crate::args::Mode;
use crate::hpa_store::{Hpa, HpaStore};

/// The number of foreign status writes, and of sync periods in which they make a conflict.
const CONFLICTING_WRITES: usize = 3;
const CONFLICT_PERIODS: i64 = 4;
/// The number of sync periods without a foreign write that end a conflict.
const QUIET_PERIODS: i64 = 20;

/// Which autoscalers this controller may act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) mode: Mode,
    pub(crate) scope: Scope,
}

/// Which autoscalers a controller in active mode acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those whose annotation names it.
    Named(Arc<str>),
    /// All.
    All,
}

/// This controller's role for an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It only reports what it would do.
    Shadow,
    /// It acts.
    Active,
    /// It yields to another controller, whose last write was seen at this monotonic time.
    Contested(SignedDuration),
}

impl Role {
    /// The name in logs and traces.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Active => "active",
            Self::Contested(_) => "contested",
        }
    }
}

impl Authority {
    /// The role in the next sync of `hpa`, after `previous` in its last.
    pub(crate) fn next_role(
        &self,
        previous: Role,
        hpa: &Hpa,
        hpas: &mut HpaStore,
        sync_period: SignedDuration,
    ) -> Role {
        let is_in_scope = match &self.scope {
            Scope::All => true,
            Scope::Named(name) => hpa.managed_by.as_ref() == Some(name),
        };
        if self.mode == Mode::Shadow || !is_in_scope {
            return Role::Shadow;
        }
        if previous == Role::Shadow {
            // Ignore foreign writes from before we became active.
            hpas.forget_foreign_writes(&hpa.key);
        }
        let period = sync_period.0;
        let writes_within =
            |periods: i64| hpas.foreign_writes(&hpa.key, SignedDuration(period * periods));
        let now = hpas.now();
        match previous {
            Role::Contested(_) if writes_within(1) > 0 => Role::Contested(now),
            Role::Contested(seen) if now.0 - seen.0 < period * QUIET_PERIODS => {
                Role::Contested(seen)
            }
            Role::Active if writes_within(CONFLICT_PERIODS) >= CONFLICTING_WRITES => {
                Role::Contested(now)
            }
            Role::Shadow | Role::Active | Role::Contested(_) => Role::Active,
        }
    }
}
