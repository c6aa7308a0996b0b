//! The keys of running instances can be replaced.

use std::time::Duration;

use mcp::testing::SimulatedBackplane;
use tokio::time::sleep;

use super::room_instance_of;
use crate::support::session::Client;

#[tokio::test(start_paused = true)]
async fn instances_share_their_sessions_while_a_key_is_replaced() {
    let (old, new) = (1, 2);
    // The instances before and after each of three restarts.
    for (before, after) in [(&[old][..], &[old, new][..]), (&[old, new], &[new, old]), (&[new, old], &[new])] {
        for (here, there) in [(before, after), (after, before)] {
            let engine = SimulatedBackplane::new();
            let [here, there] = [here, there].map(|keys| room_instance_of(engine.connect(), engine.connect(), keys));
            let client = Client::connect(&here.app, "2025-11-25", "alice-token").await;
            if !there.serve(&client).is_alive().await {
                assert!(before == [new, old] && after == [new], "only an id of the old key is too old");
                continue;
            }
            let level = client.request(3, "logging/setLevel", r#""level":"debug""#);
            assert!(there.serve(&client).send(level).await.starts_with("200 "));
            sleep(Duration::from_secs(1)).await;
            let logged = client.send(client.call(5, "client", "{}")).await;
            assert!(logged.contains("notifications/message"), "{logged}");
            assert_eq!(there.serve(&client).send(client.delete()).await, "204 No Content\n\n");
            sleep(Duration::from_secs(1)).await;
            assert!(!client.is_alive().await);
            // Instances that start later read the record.
            for keys in [before, after] {
                let later = room_instance_of(engine.connect(), engine.connect(), keys);
                assert!(!later.serve(&client).is_alive().await);
            }
        }
    }
}
