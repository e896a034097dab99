//! `amqps`, `rediss`, PostgreSQL's `verify-full` and S3 over `https`, with an authority that only the settings know.

use refit_tests::front::{Authority, Front, parts};
use refit_tests::{Installation, prices};

use crate::security::{Service, assert_refused};

/// Puts TLS before a service, under the name of `host`, and has the installation go through it.
fn behind_tls(refit: &mut Installation, service: Service, authority: &Authority, host: &str) -> Front {
    let url = refit.take(service.variable());
    let (before, address, after) = parts(&url);
    let front = Front::tls(address, authority, host);
    let through = format!("{before}{}{after}", front.address());
    let through = match service {
        Service::Queue => through.replacen("amqp://", "amqps://", 1),
        Service::Bus => through.replacen("redis://", "rediss://", 1),
        Service::Database => format!("{through}&sslmode=verify-full"),
        Service::Store => through.replacen("=http://", "=https://", 1),
    };
    refit.set(service.variable(), &through);
    front
}

fn believe(refit: &mut Installation, authority: &Authority) {
    let file = refit.folder().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    refit.set("REFIT_STORAGE__CA_FILE", &file.to_string_lossy());
}

#[test]
fn f1_the_road_with_tls_to_every_service() {
    let Some(mut refit) = Installation::distributed() else { return };
    let authority = Authority::new();
    let fronts = Service::ALL.map(|service| behind_tls(&mut refit, service, &authority, "127.0.0.1"));
    believe(&mut refit, &authority);
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=2"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.0".into()), "{job}\n{}", refit.logs());
    for (service, front) in Service::ALL.iter().zip(fronts) {
        assert!(front.carried() > 0, "{service:?} was reached past its TLS");
    }
}

#[test]
fn g4_a_certificate_of_an_unknown_authority_is_refused() {
    for service in Service::ALL {
        let Some(mut refit) = Installation::distributed() else { return };
        let front = behind_tls(&mut refit, service, &Authority::new(), "127.0.0.1");
        believe(&mut refit, &Authority::new());
        let place = front.address().to_string();
        assert_refused(&refit, service, &[&place, "its certificate is refused (", "storage.ca_file must name a file"]);
        assert_eq!(front.carried(), 0, "{service:?}: something was sent all the same");
    }
}

#[test]
fn g4_a_certificate_for_another_host_is_refused() {
    for service in Service::ALL {
        let Some(mut refit) = Installation::distributed() else { return };
        let authority = Authority::new();
        let front = behind_tls(&mut refit, service, &authority, "elsewhere.example");
        believe(&mut refit, &authority);
        let place = front.address().to_string();
        assert_refused(
            &refit,
            service,
            &[&place, "its certificate is for another host (", "the URL must name the host"],
        );
        assert_eq!(front.carried(), 0, "{service:?}: something was sent all the same");
    }
}
