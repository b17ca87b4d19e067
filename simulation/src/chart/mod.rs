//! The charts of a run: series, pictures, words and tables. No browser and no clock.

pub mod axes;
pub mod format;
pub mod metric_display;
pub mod path;
pub mod picture;
pub mod pod_lanes;
pub mod scale;
pub mod series;
pub mod table;
pub mod time_range;

#[cfg(test)]
mod testing {
    //! What the tests of the charts share.

    use crate::cluster::Trace;
    use crate::experiment::{Experiment, Run, presets::PHP_APACHE};

    /// The run of the walkthrough.
    pub(super) fn run() -> Run {
        let read = Experiment::parse(PHP_APACHE);
        read.experiment.expect("an experiment").run()
    }

    /// Its trace.
    pub(super) fn walkthrough() -> Trace {
        run().trace
    }
}
