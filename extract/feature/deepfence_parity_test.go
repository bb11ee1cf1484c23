package feature_test

var deepfenceParities = []parity{
	deepfenceParity("flows", nil),
	deepfenceParity("flows_documented_command", map[string]string{"local_ip": "143.198.72.237"}),
}

func deepfenceParity(name string, options map[string]string) parity {
	return parity{name: name, golden: "deepfence/" + name + ".csv.gz", set: "deepfence", options: options, least: 0.999, alone: 3,
		pair: []string{"fiveTuple"}}
}
