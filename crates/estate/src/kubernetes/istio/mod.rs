//! Istio's objects that decide who may talk to whom (`security.istio.io/v1` and `v1beta1`), read
//! as the types of the API say (istio/api, 1.26).

mod authorization_policy;
mod peer_authentication;

pub use authorization_policy::{
    IstioAction, IstioCondition, IstioMatch, IstioOperation, IstioPolicy, IstioRule, IstioSource,
};
pub use peer_authentication::{MutualTls, PeerAuthentication};
