//! The permit to write: with leader election, only while this process holds the Lease.

use tokio::sync::watch;

use crate::client::Failure;

/// Guards every write.
#[derive(Clone, Debug)]
pub(crate) struct WritePermit(pub(crate) watch::Receiver<bool>);

impl WritePermit {
    /// Runs `write`, and aborts it if the permit is withdrawn in the meantime.
    pub(crate) async fn guard<T>(
        &self,
        write: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut allowed = self.0.clone();
        tokio::select! {
            biased;
            // An error means that the sender is gone: then nothing may be written.
            _ = allowed.wait_for(|allowed| !allowed) => Err(Failure::NotAllowed),
            result = write => result,
        }
    }
}
