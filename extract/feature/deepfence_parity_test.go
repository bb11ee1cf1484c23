package feature_test

var deepfenceParities = []parity{
	deepfenceParity("flows", nil),
	deepfenceParity("flows_documented_command", map[string]string{"local_ip": "143.198.72.237"}),
	deepfenceOwn("own", "deepfence.csv.gz", nil),
	deepfenceOwn("own, local_ip", "deepfence_local.csv.gz", map[string]string{"local_ip": "10.20.30.80"}),
}

func deepfenceParity(name string, options map[string]string) parity {
	return parity{name: name, golden: "deepfence/" + name + ".csv.gz", set: "deepfence", options: options, least: 1, pair: []string{"fiveTuple"}}
}

func deepfenceOwn(name, file string, options map[string]string) parity {
	p := deepfenceParity(name, options)
	p.golden, p.own = file, true
	return p
}
