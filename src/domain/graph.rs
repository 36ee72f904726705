//! Stub.
use super::environment::Environment;
use super::name::EnvironmentName;
use std::collections::BTreeMap;
/// x
pub struct Place;
impl Place { /// x
pub fn new(_: EnvironmentName, _: &[Environment]) -> Self { Place } }
/// x
pub struct Graph(BTreeMap<EnvironmentName, Vec<EnvironmentName>>);
impl Graph {
/// x
pub fn new(_: &[Place]) -> Self { Graph(BTreeMap::new()) }
/// x
pub fn order(&self) -> Vec<EnvironmentName> { vec![] }
/// x
pub fn sources(&self) -> &BTreeMap<EnvironmentName, Vec<EnvironmentName>> { &self.0 }
/// x
pub fn cycles(&self) -> &[Vec<EnvironmentName>] { &[] }
}
