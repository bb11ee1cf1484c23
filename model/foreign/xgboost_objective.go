package foreign

import (
	"fmt"
	"math"
	"strings"

	"fm/model"
	"fm/model/tree"
)

// baseLink says what of a base score is added to margins.
type baseLink uint8

const (
	baseMargin baseLink = iota // itself
	baseLogit                  // -log(1/b - 1)
	baseLog                    // log(b)
)

// objective is what an objective means for scoring.
type objective struct {
	name      string
	task      model.Task
	transform tree.Transform
	link      baseLink
	predicts  model.Prediction
}

// objectives lists what can be read: XGBoost's objectives but those with groups of rows
// in their score. reg:logistic is a probability as binary:logistic is.
func objectives() []objective {
	return []objective{
		{"binary:logistic", model.Binary, tree.Logistic, baseLogit, model.Linked},
		{"binary:logitraw", model.Binary, tree.Logistic, baseMargin, model.Raw}, // before 1.3: baseLogit
		{"binary:hinge", model.Binary, tree.Step, baseMargin, model.Linked},
		{"multi:softprob", model.Classes, tree.Softmax, baseMargin, model.Linked},
		{"multi:softmax", model.Classes, tree.Softmax, baseMargin, model.Index},
		{"reg:logistic", model.Binary, tree.Logistic, baseLogit, model.Linked},
		{"reg:squarederror", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"reg:linear", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"reg:squaredlogerror", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"reg:absoluteerror", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"reg:pseudohubererror", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"reg:quantileerror", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"count:poisson", model.Regression, tree.Exponential, baseLog, model.Linked},
		{"reg:gamma", model.Regression, tree.Exponential, baseLog, model.Linked},
		{"reg:tweedie", model.Regression, tree.Exponential, baseLog, model.Linked},
		{"survival:cox", model.Regression, tree.Exponential, baseLog, model.Linked},
		{"survival:aft", model.Regression, tree.Exponential, baseLog, model.Linked},
		{"rank:pairwise", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"rank:ndcg", model.Regression, tree.Identity, baseMargin, model.Linked},
		{"rank:map", model.Regression, tree.Identity, baseMargin, model.Linked},
	}
}

// objectiveOf finds the objective of the file, by the rules of its version.
func (x *xgboost) objectiveOf() (objective, error) {
	for _, o := range objectives() {
		if o.name != strings.TrimPrefix(x.objective, "gpu:") { // up to 0.90
			continue
		}
		if o.name == "binary:logitraw" && x.before(1, 3) {
			o.link = baseLogit
		}
		if x.version[0] == 0 {
			o.link = baseMargin // the files hold the margin
		}
		if o.transform == tree.Logistic && !x.before(1, 6) {
			o.transform = tree.BoundedLogistic
		}
		return o, nil
	}
	return objective{}, fmt.Errorf("objective %s is not supported", shown(x.objective))
}

// margins is the base of each output as it is added to margins.
func (x *xgboost) margins(o objective, outputs int) ([]float32, error) {
	if len(x.base) != 1 && len(x.base) != outputs {
		return nil, fmt.Errorf("base_score has %d values for %d outputs", len(x.base), outputs)
	}
	base := make([]float32, outputs)
	for i := range base {
		b := x.base[0]
		if len(x.base) == outputs && x.booster != "gblinear" { // which takes the first for all, also in 3.2
			b = x.base[i]
		}
		switch o.link {
		case baseLogit:
			if !(b > 0 && b < 1) {
				return nil, fmt.Errorf("base_score %v is not between 0 and 1, as objective %s asks", b, o.name)
			}
			base[i] = -float32(math.Log(float64(1/b - 1)))
		case baseLog:
			if !(b > 0) {
				return nil, fmt.Errorf("base_score %v is not above 0, as objective %s asks", b, o.name)
			}
			base[i] = float32(math.Log(float64(b)))
		default:
			base[i] = b
		}
		if base[i]-base[i] != 0 {
			return nil, fmt.Errorf("base_score %v is not finite", b)
		}
	}
	return base, nil
}
