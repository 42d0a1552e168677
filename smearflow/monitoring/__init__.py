"""Is the incoming window still the world the model was trained on?"""
