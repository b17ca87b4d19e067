//! Settings of the trace export: whether it is on, and its endpoint.

use crate::args::Args;
use crate::otlp_exporter::Collector;

#[test]
fn tracing_is_off_by_default() {
    #[track_caller]
    fn check(
        arguments: &[&str],
        environment: &[(&str, &str)],
        expected: Result<Option<(&str, Option<f64>)>, &str>,
    ) {
        let all = std::iter::once("hpa-controller").chain(arguments.iter().copied());
        let args = Args::read(all.map(Into::into)).unwrap();
        let found = Collector::find(&args, |name| {
            let mut known = environment.iter().filter(|(known, _)| *known == name);
            known.next().map(|(_, value)| (*value).to_owned())
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => {
                let found = found.map(|found| (found.address.to_string(), found.sampling_ratio));
                let expected = expected.map(|(address, ratio)| (address.to_owned(), ratio));
                assert_eq!(found, expected);
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318/base/");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b:4318/in");
    check(&[], &[], Ok(None));
    check(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")], Ok(None));
    check(
        &[],
        &[all],
        Ok(Some(("http://a:4318/base/v1/traces", None))),
    );
    check(&[], &[all, traces], Ok(Some(("http://b:4318/in", None))));
    check(&[], &[all, ("OTEL_SDK_DISABLED", "true")], Ok(None));
    check(&[], &[all, ("OTEL_TRACES_EXPORTER", "none")], Ok(None));
    let flag = "--tracing-endpoint=https://c:4318";
    let rate = "--tracing-sampling-rate-per-million=250000";
    check(
        &[flag, rate],
        &[all, traces, ("OTEL_TRACES_EXPORTER", "none")],
        Ok(Some(("https://c:4318/v1/traces", Some(0.25)))),
    );
    let expected = "expected an address such as http://localhost:4318";
    check(&["--tracing-endpoint=localhost:4317"], &[], Err(expected));
    check(&["--tracing-endpoint=grpc://c:4317"], &[], Err(expected));
    check(
        &[],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", "c d")],
        Err(expected),
    );
}
