// A stand-in for VictoriaLogs, which vmalert imports to parse its queries and whose
// module the proxy does not serve. The tests have no such queries.
module github.com/VictoriaMetrics/VictoriaLogs

go 1.26.0
