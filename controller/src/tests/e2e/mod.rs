//! Named scenarios, on the fake API server always, and on the cluster that `HPA_E2E_KUBECONFIG` names.

mod cluster;
mod scenarios;

use cluster::Cluster;

#[tokio::test(start_paused = true)]
async fn scenarios_on_the_fake_server() {
    for (name, scenario) in scenarios::ALL {
        println!("on the fake server: {name}");
        scenario(Cluster::fake()).await;
    }
}

#[tokio::test]
async fn scenarios_on_a_real_cluster() {
    let Some(kubeconfig) = std::env::var_os("HPA_E2E_KUBECONFIG") else {
        println!(
            "HPA_E2E_KUBECONFIG names no cluster: the scenarios ran against the fake server only"
        );
        return;
    };
    let cluster = Cluster::real(kubeconfig.as_ref()).await;
    let mut failed = None;
    for (name, scenario) in scenarios::ALL {
        println!("on the real cluster: {name}");
        // A task of its own, so that what a failed one has made is removed too.
        let tasks = tokio::task::LocalSet::new();
        let running = tasks.spawn_local(scenario(cluster.clone()));
        failed = tasks.run_until(running).await.err();
        cluster.remove_objects().await;
        if failed.is_some() {
            break;
        }
    }
    cluster.remove_everything().await;
    if let Some(failed) = failed {
        std::panic::resume_unwind(failed.into_panic());
    }
}
